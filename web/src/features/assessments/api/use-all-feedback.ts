import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

const AT_ONCE = 6

/** The feedback of all these scripts. For when the class is looked at as a whole; asked for when it is wanted. */
export function useAllFeedback(assessment: string, submissions: string[], enabled: boolean) {
  const org = useOrgId()
  return useQuery({
    queryKey: ['org', org, 'assessments', assessment, 'all-feedback', submissions.length],
    enabled,
    queryFn: async () => {
      const waiting = [...submissions]
      const found: Awaited<ReturnType<typeof one>>[] = []
      const one = (submission: string) =>
        call(
          api.GET('/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/feedback', {
            params: { path: { org, assessment, submission } },
          }),
        )
      const work = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) found.push(await one(next))
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
      return found.map((it) => it.feedback)
    },
  })
}
