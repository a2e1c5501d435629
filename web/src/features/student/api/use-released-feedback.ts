import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

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
  })
}
