import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Reads and grades a script again that has failed. */
export function useRetrySubmission(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (submission: string) =>
      call(
        api.POST('/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/retry', {
          params: { path: { org, assessment, submission } },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment] }),
  })
}
