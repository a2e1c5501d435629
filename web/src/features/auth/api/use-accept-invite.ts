import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** Accepts an invitation with the account that is logged in. */
export const useAcceptInvite = () =>
  useMutation({ mutationFn: (body: Api<'Acceptance'>) => call(api.POST('/v1/invites/accept', { body })) })
