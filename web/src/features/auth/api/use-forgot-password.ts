import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** Sends a link to set a new password, if the address has an account. */
export const useForgotPassword = () =>
  useMutation({ mutationFn: (body: Api<'Forgotten'>) => call(api.POST('/v1/auth/forgot-password', { body })) })
