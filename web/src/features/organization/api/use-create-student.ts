import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Puts a student on the roster. */
export function useCreateStudent() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Api<'NewStudent'>) =>
      call(api.POST('/v1/orgs/{org}/students', { params: { path: { org } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'students'] }),
  })
}
