import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** A version of the marking guide. It never changes. */
export function useGuide(assessment: string, version: number, enabled = true) {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'assessments', assessment, 'guides', version],
    queryFn: () =>
      call(
        api.GET('/v1/orgs/{org}/assessments/{assessment}/guides/{version}', {
          params: { path: { org, assessment, version } },
        }),
      ),
    staleTime: Infinity,
    enabled,
  })
}
