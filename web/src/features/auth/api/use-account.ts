import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'

/** The account that is logged in. */
export const useAccount = () =>
  useQuery({ queryKey: ['account'], queryFn: () => call(api.GET('/v1/auth/account')), staleTime: 60_000 })
