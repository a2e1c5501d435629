import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Asks for an export of the organization, a member or a student. */
export function useRequestOrgExport() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Api<'Whom'>) =>
      call(api.POST('/v1/orgs/{org}/privacy/exports', { params: { path: { org } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'exports'] }),
  })
}
