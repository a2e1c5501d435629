import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'

/** The erasures of one’s own account. */
export function useOwnErasures() {
  return useQuery({
    queryKey: ['privacy', 'erasures'],
    queryFn: () =>
      everyPage((cursor) => call(api.GET('/v1/privacy/erasures', { params: { query: { limit: 100, cursor } } }))),
  })
}
