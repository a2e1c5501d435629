import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** API keys that work, or have worked. */
export function useApiKeys() {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'api-keys'],
    queryFn: () =>
      everyPage((cursor) =>
        call(api.GET('/v1/orgs/{org}/api-keys', { params: { path: { org }, query: { limit: 100, cursor } } })),
      ),
  })
}
