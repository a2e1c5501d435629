import { queryOptions } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Api } from '@/api/types'

export type Script = {
  submission: Api<'Submission'>
  feedback: Api<'Feedback'>
  /** Nothing when what was read is no longer kept. */
  reading: Api<'ScriptReading'> | undefined
}

/** Links to pages work for ten minutes: what is older is fetched anew. */
const FRESH_MS = 4 * 60_000

/** All that one looks at while grading a script: where it stands, its grades, its pages. */
export const scriptQuery = (org: string, assessment: string, submission: string) =>
  queryOptions({
    queryKey: ['org', org, 'scripts', submission],
    queryFn: async (): Promise<Script> => {
      const params = { params: { path: { org, assessment, submission } } }
      const base = '/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}' as const
      const [found, graded, reading] = await Promise.all([
        call(api.GET(base, params)),
        call(api.GET(`${base}/feedback`, params)),
        call(api.GET(`${base}/reading`, params)).catch((error: unknown) => {
          if (error instanceof Problem && error.status < 500) return undefined
          throw error
        }),
      ])
      return { submission: found, feedback: graded.feedback, reading }
    },
    staleTime: FRESH_MS,
    gcTime: 2 * FRESH_MS,
  })
