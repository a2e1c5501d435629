import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Takes a member out of a team. */
export function useRemoveTeamMember() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ team, user }: { team: string; user: string }) =>
      call(api.DELETE('/v1/orgs/{org}/teams/{team}/members/{user}', { params: { path: { org, team, user } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'members'] }),
  })
}
