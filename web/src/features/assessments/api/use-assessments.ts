import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** All assessments that the viewer may see. */
export function useAssessments() {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'assessments'],
    queryFn: () =>
      everyPage((cursor) =>
        call(api.GET('/v1/orgs/{org}/assessments', { params: { path: { org }, query: { limit: 100, cursor } } })),
      ),
  })
}
