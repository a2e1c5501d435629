import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { session } from '@/api/session'
import type { Api } from '@/api/types'

/** Logs in. The refresh token comes in a cookie, the access token stays in memory. */
export const useLogIn = () =>
  useMutation({
    mutationFn: (body: Api<'Credentials'>) => call(api.POST('/v1/auth/log-in', { body })),
    onSuccess: session.begin,
  })
