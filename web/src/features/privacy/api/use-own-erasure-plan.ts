import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'

/** What erasing one’s own account would delete. */
export function useOwnErasurePlan() {
  return useQuery({
    queryKey: ['privacy', 'plan'],
    queryFn: () => call(api.GET('/v1/privacy/erasure-plan')),
  })
}
