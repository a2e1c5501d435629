import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** Asks for one’s own account to be erased. */
export function useRequestErasure() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Api<'OwnErasure'>) => call(api.POST('/v1/privacy/erasures', { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['privacy'] }),
  })
}
