import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Invitations that were sent. */
export function useInvites() {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'invites'],
    queryFn: () =>
      everyPage((cursor) =>
        call(api.GET('/v1/orgs/{org}/invites', { params: { path: { org }, query: { limit: 100, cursor } } })),
      ),
  })
}
