import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Deletes the scan of a class; the scripts that were made of it stay. */
export function useDeleteClassScan(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (scan: string) =>
      call(
        api.DELETE('/v1/orgs/{org}/assessments/{assessment}/class-scans/{class_scan}', {
          params: { path: { org, assessment, class_scan: scan } },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment, 'class-scans'] }),
  })
}
