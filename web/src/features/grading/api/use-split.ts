import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Which lines of a script answer which question. */
export function useSplit(assessment: string, submission: string) {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'assessments', assessment, 'submissions', submission, 'split'],
    queryFn: () =>
      call(
        api.GET('/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/split', {
          params: { path: { org, assessment, submission } },
        }),
      ),
  })
}
