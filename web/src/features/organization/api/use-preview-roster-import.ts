import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { useOrgId } from '@/features/organization/context'

type Upload = { file: Blob; team?: string; remove_missing?: boolean }

/**
 * Says what a roster’s import would change. The file goes as it is: the service knows the encodings of spreadsheets.
 */
export function usePreviewRosterImport() {
  const org = useOrgId()
  return useMutation({
    mutationFn: ({ file, ...query }: Upload) =>
      call(
        api.POST('/v1/orgs/{org}/roster-imports', {
          params: { path: { org }, query },
          headers: { 'Content-Type': 'application/octet-stream' },
          body: file as unknown as string,
          bodySerializer: (body) => body as unknown as Blob,
        }),
      ),
  })
}
