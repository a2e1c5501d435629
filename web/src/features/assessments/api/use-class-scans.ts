import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

import { assessmentQuery } from './use-assessment'

/** While a scan is being split, how often it is asked for. */
const POLL_MS = 2000

/** The scans of the class, which are live as long as one of them is being split. */
export function useClassScans(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: ['org', org, 'assessments', assessment, 'class-scans'],
    queryFn: () =>
      everyPage((cursor) =>
        call(
          api.GET('/v1/orgs/{org}/assessments/{assessment}/class-scans', {
            params: { path: { org, assessment }, query: { limit: 100, cursor } },
          }),
        ),
      ),
    refetchInterval: ({ state }) =>
      state.data?.some((scan) => scan.state === 'awaiting_upload' || scan.state === 'splitting') ? POLL_MS : false,
  })
  const split = query.data?.filter((scan) => scan.state === 'split').length
  useEffect(() => {
    // Scripts have come of a scan: from now on the assessment itself says how far they are.
    if (split) void queries.invalidateQueries({ queryKey: assessmentQuery(org, assessment).queryKey })
  }, [queries, org, assessment, split])
  return query
}
