import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** As many answers as the route names for a question. */
const FIRST = 100

/** How many answers of each question a person must see, and which come first. The service reads all of them for it. */
export function useReviewPlan(assessment: string, { enabled = true } = {}) {
  const org = useOrgId()
  return useQuery({
    enabled,
    queryKey: ['org', org, 'assessments', assessment, 'review-plan'],
    queryFn: () =>
      call(
        api.GET('/v1/orgs/{org}/assessments/{assessment}/review-plan', {
          params: { path: { org, assessment }, query: { first: FIRST } },
        }),
      ),
  })
}

/** Says what share of the answers may be accepted with other marks than a teacher would give. */
export function useSetDisagreement(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (share: number) =>
      call(
        api.PUT('/v1/orgs/{org}/assessments/{assessment}/acceptable-disagreement', {
          params: { path: { org, assessment } },
          body: { share },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment] }),
  })
}
