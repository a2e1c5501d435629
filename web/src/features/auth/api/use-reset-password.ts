import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** Sets a new password with the token of a mail. */
export const useResetPassword = () =>
  useMutation({ mutationFn: (body: Api<'Reset'>) => call(api.POST('/v1/auth/reset-password', { body })) })
