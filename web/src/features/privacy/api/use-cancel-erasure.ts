import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'

/** Takes that back. */
export function useCancelErasure() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (erasure: string) =>
      call(api.DELETE('/v1/privacy/erasures/{erasure}', { params: { path: { erasure } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['privacy'] }),
  })
}
