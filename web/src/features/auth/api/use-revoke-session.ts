import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'

/** Logs a browser out. */
export const useRevokeSession = () => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => call(api.DELETE('/v1/auth/sessions/{session}', { params: { path: { session: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  })
}
