import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Withdraws what was released. */
export function useWithdraw(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () =>
      call(api.DELETE('/v1/orgs/{org}/assessments/{assessment}/release', { params: { path: { org, assessment } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment] }),
  })
}
