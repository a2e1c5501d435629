import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** What waits for a person, the most doubtful first. */
export function useReviews(assessment: string) {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'assessments', assessment, 'reviews'],
    queryFn: () =>
      everyPage((cursor) =>
        call(
          api.GET('/v1/orgs/{org}/assessments/{assessment}/reviews', {
            params: { path: { org, assessment }, query: { limit: 100, cursor } },
          }),
        ),
      ),
  })
}
