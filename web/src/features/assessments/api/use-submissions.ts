import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/**
 * The scripts of an assessment. The first hundred are there at once; the others follow while one looks. If some can't
 * be loaded, `error` says why beside those that are there, and `refetch` goes on.
 */
export function useSubmissions(assessment: string) {
  const org = useOrgId()
  const query = useInfiniteQuery({
    queryKey: ['org', org, 'assessments', assessment, 'submissions'],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/v1/orgs/{org}/assessments/{assessment}/submissions', {
          params: { path: { org, assessment }, query: { limit: 100, cursor: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
  })
  const { hasNextPage, isFetching, isError, isFetchNextPageError, fetchNextPage } = query
  useEffect(() => {
    if (hasNextPage && !isFetching && !isError) void fetchNextPage()
  }, [hasNextPage, isFetching, isError, fetchNextPage])
  const data = useMemo(() => query.data?.pages.flatMap((page) => page.items), [query.data])
  return {
    data,
    error: query.error,
    isPending: query.isPending,
    fetchStatus: query.fetchStatus,
    isComplete: !!query.data && !hasNextPage,
    refetch: isFetchNextPageError ? fetchNextPage : query.refetch,
  }
}
