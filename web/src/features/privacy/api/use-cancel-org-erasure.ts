import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Takes an erasure back. */
export function useCancelOrgErasure() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (erasure: string) =>
      call(api.DELETE('/v1/orgs/{org}/privacy/erasures/{erasure}', { params: { path: { org, erasure } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'erasures'] }),
  })
}
