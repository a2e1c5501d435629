import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** Confirms it with a first code; answers with recovery codes. */
export const useConfirmSecondFactor = () =>
  useMutation({ mutationFn: (body: Api<'Confirm'>) => call(api.POST('/v1/auth/second-factor/confirm', { body })) })
