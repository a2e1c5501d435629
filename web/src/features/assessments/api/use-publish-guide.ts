import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Publishes a new version of the marking guide. */
export function usePublishGuide(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Api<'Guide'>) =>
      call(api.POST('/v1/orgs/{org}/assessments/{assessment}/guides', { params: { path: { org, assessment } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'assessments'] }),
  })
}
