import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** Begins to set up a second factor. */
export const useBeginSecondFactor = () =>
  useMutation({ mutationFn: (body: Api<'Begin'>) => call(api.POST('/v1/auth/second-factor', { body })) })
