import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'

/** Sends the mail that verifies the address again. */
export const useResendVerification = () =>
  useMutation({ mutationFn: () => call(api.POST('/v1/auth/resend-verification')) })
