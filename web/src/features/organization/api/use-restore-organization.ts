import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Takes the deletion back. */
export function useRestoreOrganization() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => call(api.POST('/v1/orgs/{org}/restore', { params: { path: { org } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['organizations'] }),
  })
}
