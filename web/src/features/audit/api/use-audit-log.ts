import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

export type AuditFilter = { actor?: string; action?: string; target?: string; from?: string; to?: string }

/** The audit log, newest first, a page at a time. */
export function useAuditLog(filter: AuditFilter = {}, limit = 50) {
  const org = useOrgId()
  return useInfiniteQuery({
    queryKey: ['org', org, 'audit', filter, limit],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/v1/orgs/{org}/audit', { params: { path: { org }, query: { ...filter, limit, cursor: pageParam } } }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
    placeholderData: keepPreviousData,
  })
}
