import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Makes a team. */
export function useCreateTeam() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Api<'TeamName'>) => call(api.POST('/v1/orgs/{org}/teams', { params: { path: { org } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'teams'] }),
  })
}
