import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Revokes an invitation. */
export function useRevokeInvite() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (invite: string) =>
      call(api.DELETE('/v1/orgs/{org}/invites/{invite}', { params: { path: { org, invite } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'invites'] }),
  })
}
