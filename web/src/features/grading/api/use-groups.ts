import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** As many answers as one request takes. */
const AT_ONCE = 100
const base = '/v1/orgs/{org}/assessments/{assessment}/questions/{question}/groups' as const

/** The answers to a question that say the same, those first where one decision spares the most others. */
export function useGroups(assessment: string, question: string) {
  const org = useOrgId()
  return useInfiniteQuery({
    queryKey: ['org', org, 'assessments', assessment, 'groups', question],
    queryFn: ({ pageParam }) =>
      call(api.GET(base, { params: { path: { org, assessment, question }, query: { cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
  })
}

type GroupDecision = Pick<Api<'GroupDecision'>, 'criteria' | 'comment'> & { members: Api<'SeenMember'>[] }

/** Makes one decision about several answers, and says what became of each. */
export function useDecideGroup(assessment: string, question: string) {
  const org = useOrgId()
  const settled = useSettled(assessment)
  return useMutation({
    mutationFn: async ({ members, ...decision }: GroupDecision) => {
      const results: Api<'MemberDecided'>[] = []
      for (const part of inParts(members)) {
        const body = { ...decision, members: part }
        const decided = await call(
          api.POST(`${base}/decide`, { params: { path: { org, assessment, question } }, body }),
        )
        results.push(...decided.results)
      }
      return results
    },
    onSettled: settled,
  })
}

type AnswerMove = { members: Api<'PlacedMember'>[]; to?: string }

/** Moves answers to another group, or into one of their own, and says what became of each. */
export function useMoveAnswers(assessment: string, question: string) {
  const org = useOrgId()
  const settled = useSettled(assessment)
  return useMutation({
    mutationFn: async ({ members, to }: AnswerMove) => {
      const results: Api<'MemberMoved'>[] = []
      let group = to
      for (const part of inParts(members)) {
        const moved = await call(
          api.POST(`${base}/move`, {
            params: { path: { org, assessment, question } },
            body: { members: part, to: group },
          }),
        )
        group = moved.group
        results.push(...moved.results)
      }
      return results
    },
    onSettled: settled,
  })
}

/** What is shown of the assessment and of its scripts is fetched anew. */
function useSettled(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  return () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment] }),
      queries.invalidateQueries({ queryKey: ['org', org, 'scripts'] }),
    ])
}

function inParts<T>(members: T[]): T[][] {
  return Array.from({ length: Math.ceil(members.length / AT_ONCE) }, (_, i) =>
    members.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  )
}
