import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** The roster. */
export function useStudents() {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'students'],
    queryFn: () =>
      everyPage((cursor) =>
        call(api.GET('/v1/orgs/{org}/students', { params: { path: { org }, query: { limit: 100, cursor } } })),
      ),
  })
}
