import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'

/** Asks for a copy of one’s own data. */
export function useRequestExport() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => call(api.POST('/v1/privacy/exports')),
    onSettled: () => queries.invalidateQueries({ queryKey: ['privacy'] }),
  })
}
