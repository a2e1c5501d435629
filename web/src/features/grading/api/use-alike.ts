import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

import type { Place } from './use-decide'

/** An answer that is written the same as another one. */
export type Alike = Place & { version: number }

/** The service compares all answers to the question for it, so it is not asked again after each decision. */
const FRESH_MS = 4 * 60_000

/** The other answers to the question that are written the same, about which nobody has decided. */
export function useAlike(assessment: string, { submission, question }: Place, enabled: boolean): Alike[] {
  const org = useOrgId()
  const groups = useQuery({
    queryKey: ['org', org, 'alike', assessment, question],
    queryFn: () =>
      everyPage((cursor) =>
        call(
          api.GET('/v1/orgs/{org}/assessments/{assessment}/questions/{question}/groups', {
            params: { path: { org, assessment, question }, query: { limit: 100, cursor } },
          }),
        ),
      ),
    enabled,
    staleTime: FRESH_MS,
  })
  const members = groups.data?.flatMap((group) => group.members) ?? []
  const literal = members.find((it) => it.submission === submission)?.literal
  if (!enabled || !literal) return []
  return members
    .filter((it) => it.literal === literal && it.submission !== submission && !it.decided_by)
    .map((it) => ({ submission: it.submission, question, version: it.version }))
}
