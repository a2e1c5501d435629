import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** How often, and how many times at most, it is looked for pages that are not drawn yet. */
const LOOK_MS = 5000
const MOST_LOOKS = 12

/** Feedback as it was released. Its links to pages work for ten minutes. */
export function useReleasedFeedback(assessment: string, submission: string) {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'released', submission],
    queryFn: () =>
      call(
        api.GET('/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/released-feedback', {
          params: { path: { org, assessment, submission } },
        }),
      ),
    staleTime: 300_000,
    // The pages are drawn some seconds after the release.
    refetchInterval: ({ state: { data, dataUpdateCount } }) =>
      data?.annotated_pages.length === 0 && dataUpdateCount < MOST_LOOKS ? LOOK_MS : false,
  })
}
