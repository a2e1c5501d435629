import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** While scripts are on their way, how often their number is asked for. */
const POLL_MS = 2000

export const assessmentQuery = (org: string, assessment: string) =>
  queryOptions({
    queryKey: ['org', org, 'assessments', assessment, 'progress'],
    queryFn: () => call(api.GET('/v1/orgs/{org}/assessments/{assessment}', { params: { path: { org, assessment } } })),
    refetchInterval: (query) => (query.state.data?.progress.in_progress ? POLL_MS : false),
  })

/**
 * An assessment with its progress, which is live: as long as something is in progress, it is asked for again and
 * again.
 */
export function useAssessment(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  const query = useQuery(assessmentQuery(org, assessment))
  const progress = JSON.stringify(query.data?.progress)
  useEffect(() => {
    // What the numbers count has changed: the list, and what waits for a person.
    void queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment, 'submissions'] })
    void queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment, 'reviews'] })
  }, [queries, org, assessment, progress])
  return query
}
