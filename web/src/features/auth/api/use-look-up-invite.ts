import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** What an invitation is to. */
export const useLookUpInvite = () =>
  useMutation({ mutationFn: (body: Api<'LookUp'>) => call(api.POST('/v1/auth/look-up-invite', { body })) })
