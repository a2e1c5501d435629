import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Assigns lines to questions. */
export function useAssignLines(assessment: string, submission: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Api<'LineAssignment'>) =>
      call(
        api.POST('/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/split', {
          params: { path: { org, assessment, submission } },
          body,
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment] }),
  })
}
