import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Removes a member. */
export function useRemoveMember() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (user: string) =>
      call(api.DELETE('/v1/orgs/{org}/members/{user}', { params: { path: { org, user } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'members'] }),
  })
}
