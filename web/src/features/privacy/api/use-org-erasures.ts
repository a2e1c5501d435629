import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Erasures in the organization. */
export function useOrgErasures() {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'erasures'],
    queryFn: () =>
      everyPage((cursor) =>
        call(api.GET('/v1/orgs/{org}/privacy/erasures', { params: { path: { org }, query: { limit: 100, cursor } } })),
      ),
  })
}
