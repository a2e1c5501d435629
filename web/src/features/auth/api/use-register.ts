import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** Makes an account; a mail verifies the address. */
export const useRegister = () =>
  useMutation({ mutationFn: (body: Api<'Registration'>) => call(api.POST('/v1/auth/register', { body })) })
