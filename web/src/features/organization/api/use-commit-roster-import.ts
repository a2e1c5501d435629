import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Does what the preview of a roster’s import has said. */
export function useCommitRosterImport() {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) =>
      call(api.POST('/v1/orgs/{org}/roster-imports/{import}/commit', { params: { path: { org, import: id } } })),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['org', org, 'students'] }),
        queries.invalidateQueries({ queryKey: ['org', org, 'teams'] }),
      ]),
  })
}
