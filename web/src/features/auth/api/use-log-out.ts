import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api } from '@/api/client'
import { session } from '@/api/session'

/** Ends the session, here at once and whatever the network says. */
export const useLogOut = () => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => api.POST('/v1/auth/log-out'),
    onSettled: () => {
      session.end()
      queries.clear()
    },
  })
}
