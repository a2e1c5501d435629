import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Teams, and classes. */
export function useTeams() {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'teams'],
    queryFn: () =>
      everyPage((cursor) =>
        call(api.GET('/v1/orgs/{org}/teams', { params: { path: { org }, query: { limit: 100, cursor } } })),
      ),
  })
}
