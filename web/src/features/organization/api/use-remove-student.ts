import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Takes a student off the roster. */
export function useRemoveStudent() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (student: string) =>
      call(api.DELETE('/v1/orgs/{org}/students/{student}', { params: { path: { org, student } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'students'] }),
  })
}
