import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Deletes a script. */
export function useDeleteSubmission(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (submission: string) =>
      call(
        api.DELETE('/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}', {
          params: { path: { org, assessment, submission } },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment] }),
  })
}
