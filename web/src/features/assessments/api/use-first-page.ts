import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Links to pages work for ten minutes: what is older is fetched anew. */
const FRESH_MS = 4 * 60_000

/** What was read on the first page of a script, and its picture. */
export function useFirstPage(assessment: string, submission: string) {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'first-page', submission],
    queryFn: async () => {
      const { pages } = await call(
        api.GET('/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/reading', {
          params: { path: { org, assessment, submission } },
        }),
      )
      return pages[0] ?? null
    },
    staleTime: FRESH_MS,
  })
}
