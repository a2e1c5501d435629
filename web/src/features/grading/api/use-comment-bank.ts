import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

const base = '/v1/orgs/{org}/assessments/{assessment}/comments' as const

const commentsQuery = (org: string, assessment: string) =>
  queryOptions({
    queryKey: ['org', org, 'comments', assessment],
    queryFn: () =>
      everyPage((cursor) =>
        call(api.GET(base, { params: { path: { org, assessment }, query: { limit: 100, cursor } } })),
      ),
  })

/** The comments that are kept for an assessment, to be given again by everybody who grades it. */
export function useCommentBank(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  const query = commentsQuery(org, assessment)
  const onSettled = () => queries.invalidateQueries({ queryKey: query.queryKey })
  const comments = useQuery(query)
  const keep = useMutation({
    mutationFn: (text: string) => call(api.POST(base, { params: { path: { org, assessment } }, body: { text } })),
    onSettled,
  })
  const remove = useMutation({
    mutationFn: (comment: string) =>
      call(api.DELETE(`${base}/{comment}`, { params: { path: { org, assessment, comment } } })),
    onSettled,
  })
  return { kept: comments.data ?? [], error: comments.error, keep, remove }
}

/** The comments that are kept for another assessment; none until one is chosen. */
export function useOtherComments(assessment: string | undefined): string[] {
  const org = useOrgId()
  const comments = useQuery({ ...commentsQuery(org, assessment ?? ''), enabled: assessment !== undefined })
  return comments.data?.toReversed().map((it) => it.text) ?? []
}
