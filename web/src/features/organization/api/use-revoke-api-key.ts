import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Revokes an API key. */
export function useRevokeApiKey() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (api_key: string) =>
      call(api.DELETE('/v1/orgs/{org}/api-keys/{api_key}', { params: { path: { org, api_key } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'api-keys'] }),
  })
}
