import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useCan, useOrgId } from '@/features/organization/context'

/** What of the plan is used, if the viewer may see that. */
export function useUsage() {
  const org = useOrgId()
  const may = useCan('read_usage')
  return useQuery({
    queryKey: ['org', org, 'usage'],
    enabled: may,
    queryFn: () => call(api.GET('/v1/orgs/{org}/usage', { params: { path: { org } } })),
  })
}
