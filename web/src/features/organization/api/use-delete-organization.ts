import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Deletes the organization, in thirty days. */
export function useDeleteOrganization() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => call(api.DELETE('/v1/orgs/{org}', { params: { path: { org } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['organizations'] }),
  })
}
