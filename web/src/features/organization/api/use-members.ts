import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** The members that the viewer may see. */
export function useMembers() {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'members'],
    queryFn: () =>
      everyPage((cursor) =>
        call(api.GET('/v1/orgs/{org}/members', { params: { path: { org }, query: { limit: 100, cursor } } })),
      ),
  })
}
