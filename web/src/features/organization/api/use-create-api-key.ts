import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Makes an API key, which is shown once. */
export function useCreateApiKey() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Api<'NewApiKey'>) =>
      call(api.POST('/v1/orgs/{org}/api-keys', { params: { path: { org } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'api-keys'] }),
  })
}
