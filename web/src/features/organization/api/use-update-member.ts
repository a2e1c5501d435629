import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Changes a member’s role, or disables the member. */
export function useUpdateMember() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ user, body }: { user: string; body: Api<'MemberChange'> }) =>
      call(api.PATCH('/v1/orgs/{org}/members/{user}', { params: { path: { org, user } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'members'] }),
  })
}
