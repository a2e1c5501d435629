import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** The comments that are kept for an assessment, to be given again by everybody who grades it. */
export function useCommentBank(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  const queryKey = ['org', org, 'comments', assessment]
  const base = '/v1/orgs/{org}/assessments/{assessment}/comments' as const
  const onSettled = () => queries.invalidateQueries({ queryKey })
  const comments = useQuery({
    queryKey,
    queryFn: () =>
      everyPage((cursor) =>
        call(api.GET(base, { params: { path: { org, assessment }, query: { limit: 100, cursor } } })),
      ),
  })
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
