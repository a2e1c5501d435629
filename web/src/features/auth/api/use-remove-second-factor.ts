import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'

/** Removes the second factor. */
export const useRemoveSecondFactor = () =>
  useMutation({ mutationFn: (body: Api<'Remove'>) => call(api.POST('/v1/auth/second-factor/remove', { body })) })
