import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Verifies a part of the chain: ten thousand entries at a time. */
export function useVerifyAudit() {
  const org = useOrgId()
  return useMutation({
    mutationFn: (body: Api<'VerifyAudit'>) =>
      call(api.POST('/v1/orgs/{org}/audit/verify', { params: { path: { org } }, body })),
  })
}
