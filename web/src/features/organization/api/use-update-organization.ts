import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Changes the organization’s name or settings. */
export function useUpdateOrganization() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Api<'OrganizationChange'>) =>
      call(api.PATCH('/v1/orgs/{org}', { params: { path: { org } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['organizations'] }),
  })
}
