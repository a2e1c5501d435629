import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** How often it is said that one is looking; whoever has not said so for two and a half times as long is gone. */
const BEAT_MS = 10_000

/** Says, as long as the script is shown, that one is looking at it, and learns who else is. */
export function usePresence(assessment: string, submission: string | undefined) {
  const org = useOrgId()
  const query = useQuery({
    queryKey: ['org', org, 'presence', submission],
    queryFn: () =>
      call(
        api.PUT('/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/presence', {
          params: { path: { org, assessment, submission: submission ?? '' } },
        }),
      ),
    enabled: submission !== undefined,
    refetchInterval: BEAT_MS,
    staleTime: BEAT_MS,
    // Who was there a while ago says nothing.
    gcTime: BEAT_MS,
  })
  return query.data?.others ?? []
}
