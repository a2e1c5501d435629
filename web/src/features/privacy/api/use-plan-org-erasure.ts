import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Counts what erasing a person would delete. */
export function usePlanOrgErasure() {
  const org = useOrgId()
  return useMutation({
    mutationFn: (body: Api<'Whom'>) =>
      call(api.POST('/v1/orgs/{org}/privacy/erasure-plan', { params: { path: { org } }, body })),
  })
}
