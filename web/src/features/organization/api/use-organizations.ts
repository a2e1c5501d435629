import { useQuery } from '@tanstack/react-query'

import { api, call, everyPage } from '@/api/client'

/** The organizations that the person is a member of. */
export function useOrganizations() {
  return useQuery({
    queryKey: ['organizations'],
    queryFn: () => everyPage((cursor) => call(api.GET('/v1/orgs', { params: { query: { limit: 100, cursor } } }))),
  })
}
