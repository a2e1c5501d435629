import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** What was released to oneself. */
export function useReleasedList() {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'released'],
    queryFn: () =>
      everyPage((cursor) =>
        call(api.GET('/v1/orgs/{org}/released-feedback', { params: { path: { org }, query: { limit: 100, cursor } } })),
      ),
  })
}
