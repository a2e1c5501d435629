import { useQuery } from '@tanstack/react-query'

import { api, call } from '@/api/client'

/** Where the account is logged in. */
export const useSessions = () => useQuery({ queryKey: ['sessions'], queryFn: () => call(api.GET('/v1/auth/sessions')) })
