import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'

/** The copies of one’s own data that were asked for. */
export function useOwnExports() {
  return useQuery({
    queryKey: ['privacy', 'exports'],
    queryFn: () =>
      everyPage((cursor) => call(api.GET('/v1/privacy/exports', { params: { query: { limit: 100, cursor } } }))),
    refetchInterval: (query) => (query.state.data?.some((item) => item.state === 'in_progress') ? 3000 : false),
  })
}
