import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Says whose script it is; nobody's without a student. */
export function useAssignStudent(submission: Api<'Submission'>) {
  const org = useOrgId()
  const queries = useQueryClient()
  const { assessment, id, student_version: version = 0 } = submission
  return useMutation({
    mutationFn: (student: string | null) =>
      call(
        api.POST('/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/student', {
          params: { path: { org, assessment, submission: id } },
          body: { student, version },
        }),
      ),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment, 'submissions'] }),
        queries.invalidateQueries({ queryKey: ['org', org, 'scripts', id] }),
      ]),
  })
}
