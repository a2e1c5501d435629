import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** Accepts an invitation and makes the account for it. */
export const useAcceptInviteAnew = () =>
  useMutation({ mutationFn: (body: Api<'NewAccount'>) => call(api.POST('/v1/auth/accept-invite', { body })) })
