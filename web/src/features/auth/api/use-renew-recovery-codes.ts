import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** New recovery codes; the old ones end. */
export const useRenewRecoveryCodes = () =>
  useMutation({ mutationFn: (body: Api<'Renew'>) => call(api.POST('/v1/auth/second-factor/recovery-codes', { body })) })
