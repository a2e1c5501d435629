import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Renames a team. */
export function useUpdateTeam() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ team, body }: { team: string; body: Api<'TeamChange'> }) =>
      call(api.PATCH('/v1/orgs/{org}/teams/{team}', { params: { path: { org, team } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'teams'] }),
  })
}
