import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Sends an invitation again. */
export function useResendInvite() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (invite: string) =>
      call(api.POST('/v1/orgs/{org}/invites/{invite}/resend', { params: { path: { org, invite } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'invites'] }),
  })
}
