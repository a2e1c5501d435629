import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** Makes an organization; whoever makes it owns it. */
export function useCreateOrganization() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Api<'NewOrganization'>) => call(api.POST('/v1/orgs', { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['organizations'] }),
  })
}
