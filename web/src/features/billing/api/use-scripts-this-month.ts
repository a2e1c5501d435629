import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useCan, useOrgId } from '@/features/organization/context'

const AT_ONCE = 4

/**
 * How many scripts were handed in since the first of the month (UTC), among the assessments that the viewer may see.
 */
export function useScriptsThisMonth() {
  const org = useOrgId()
  const may = useCan('read_submissions')
  return useQuery({
    queryKey: ['org', org, 'scripts-this-month'],
    enabled: may,
    staleTime: 5 * 60_000,
    queryFn: async () => {
      const month = new Date().toISOString().slice(0, 7)
      const waiting = await everyPage((cursor) =>
        call(api.GET('/v1/orgs/{org}/assessments', { params: { path: { org }, query: { limit: 100, cursor } } })),
      )
      let count = 0
      const work = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const assessment = next.id
          const scripts = await everyPage((cursor) =>
            call(
              api.GET('/v1/orgs/{org}/assessments/{assessment}/submissions', {
                params: { path: { org, assessment }, query: { limit: 100, cursor } },
              }),
            ),
          )
          count += scripts.filter((it) => it.created_at.startsWith(month)).length
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
      return count
    },
  })
}
