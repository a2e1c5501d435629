import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** For how long what is kept. */
export function useRetention() {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'retention'],
    queryFn: () => call(api.GET('/v1/orgs/{org}/privacy/retention', { params: { path: { org } } })),
  })
}
