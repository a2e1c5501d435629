import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** The exports that were asked for in the organization. */
export function useOrgExports() {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'exports'],
    queryFn: () =>
      everyPage((cursor) =>
        call(api.GET('/v1/orgs/{org}/privacy/exports', { params: { path: { org }, query: { limit: 100, cursor } } })),
      ),
    refetchInterval: (query) => (query.state.data?.some((item) => item.state === 'in_progress') ? 3000 : false),
  })
}
