import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Lets a script count without files that could not be read. */
export function useAcceptUnread(assessment: string, submission: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Api<'UnreadAcceptance'>) =>
      call(
        api.POST('/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/accept-unread', {
          params: { path: { org, assessment, submission } },
          body,
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment] }),
  })
}
