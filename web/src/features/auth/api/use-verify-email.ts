import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** Shows that the address is the owner’s. */
export const useVerifyEmail = () =>
  useMutation({ mutationFn: (body: Api<'Verification'>) => call(api.POST('/v1/auth/verify-email', { body })) })
