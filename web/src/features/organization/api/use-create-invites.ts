import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Invites people. */
export function useCreateInvites() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Api<'NewInvites'>) =>
      call(api.POST('/v1/orgs/{org}/invites', { params: { path: { org } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'invites'] }),
  })
}
