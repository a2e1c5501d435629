import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Deletes a team that nobody is in. */
export function useDeleteTeam() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (team: string) => call(api.DELETE('/v1/orgs/{org}/teams/{team}', { params: { path: { org, team } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'teams'] }),
  })
}
