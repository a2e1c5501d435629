import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

import type { Place } from './use-decide'

/** An answer that is written the same as another one. */
export type Alike = Place & { version: number }

/** The service compares all answers to the question for it, so it is not asked again after each decision. */
const FRESH_MS = 4 * 60_000

/**
 * The other answers to the question that are written the same as this version of one, and about which nobody has
 * decided.
 */
export function useAlike(
  assessment: string,
  { submission, question }: Place,
  version: number | undefined,
  enabled: boolean,
): Alike[] {
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
  const { data, isFetching, refetch } = groups
  const members = data?.flatMap((group) => group.members) ?? []
  const own = members.find((it) => it.submission === submission)
  // Lines may have been assigned anew since the list was made: then it tells of an answer that is not the one shown.
  const isOld = own !== undefined && version !== undefined && own.version < version
  useEffect(() => {
    if (isOld && !isFetching) void refetch()
  }, [isOld, isFetching, refetch])
  if (!enabled || !own?.literal || own.version !== version) return []
  return members
    .filter((it) => it.literal === own.literal && it.submission !== submission && !it.decided_by)
    .map((it) => ({ submission: it.submission, question, version: it.version }))
}
