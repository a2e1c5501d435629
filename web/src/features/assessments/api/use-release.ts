import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Releases the feedback to the students. */
export function useRelease(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Api<'NewRelease'>) =>
      call(
        api.POST('/v1/orgs/{org}/assessments/{assessment}/release', { params: { path: { org, assessment } }, body }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment] }),
  })
}
