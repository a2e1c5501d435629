import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Writes a period of the log into a file. */
export function useExportAudit() {
  const org = useOrgId()
  return useMutation({
    mutationFn: (body: Api<'NewAuditExport'>) =>
      call(api.POST('/v1/orgs/{org}/audit/exports', { params: { path: { org } }, body })),
  })
}
