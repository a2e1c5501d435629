import { useInfiniteQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** The invoices, newest first, a page at a time. */
export function useInvoices() {
  const org = useOrgId()
  return useInfiniteQuery({
    queryKey: ['org', org, 'invoices'],
    queryFn: ({ pageParam }) =>
      call(
        api.GET('/v1/orgs/{org}/billing/invoices', {
          params: { path: { org }, query: { limit: 12, cursor: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
}
