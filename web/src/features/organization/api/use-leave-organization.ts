import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Leaves the organization. */
export function useLeaveOrganization() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => call(api.POST('/v1/orgs/{org}/leave', { params: { path: { org } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['organizations'] }),
  })
}
