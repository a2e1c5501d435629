import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'

/** Who may do what: the table that the service itself goes by. */
export function usePermissions() {
  return useQuery({
    queryKey: ['permissions'],
    queryFn: () => call(api.GET('/v1/permissions')),
    staleTime: Infinity,
  })
}
