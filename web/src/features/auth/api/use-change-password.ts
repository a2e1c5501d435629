import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** Changes the password; all other sessions end. */
export const useChangePassword = () =>
  useMutation({ mutationFn: (body: Api<'Change'>) => call(api.POST('/v1/auth/change-password', { body })) })
