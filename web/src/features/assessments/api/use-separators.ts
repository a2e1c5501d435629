import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

/** Has separator sheets made: of the class's students, or so many blank ones with a number. */
export function useSeparators(assessment: string) {
  const org = useOrgId()
  return useMutation({
    mutationFn: (query: { team?: string; blank?: number }) =>
      call(
        api.GET('/v1/orgs/{org}/assessments/{assessment}/separators', {
          params: { path: { org, assessment }, query },
          parseAs: 'blob',
        }),
      ),
  })
}
