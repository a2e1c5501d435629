import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** What a change of the plan would cost. It is said for one moment, so it is asked for anew each time. */
export function usePreviewChange(body: Api<'Wanted'>) {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'billing-preview', body],
    queryFn: () => call(api.POST('/v1/orgs/{org}/billing/preview', { params: { path: { org } }, body })),
    networkMode: 'always',
    gcTime: 0,
    staleTime: Infinity,
    refetchOnReconnect: false,
  })
}
