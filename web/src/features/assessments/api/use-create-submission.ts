import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Announces a script; answers with a form for each file’s upload. */
export function useCreateSubmission(assessment: string) {
  const org = useOrgId()
  return useMutation({
    mutationFn: (body: Api<'NewSubmission'>) =>
      call(
        api.POST('/v1/orgs/{org}/assessments/{assessment}/submissions', {
          params: { path: { org, assessment } },
          body,
        }),
      ),
  })
}
