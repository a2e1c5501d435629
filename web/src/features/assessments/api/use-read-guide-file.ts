import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import { Problem } from '@/api/problem'
import { useOrgId } from '@/features/organization/context'

const LARGEST = 4 * 1024 * 1024

/** Has a Word document or a PDF read. The service says what it is by its content, and keeps nothing of it. */
export function useReadGuideFile(assessment: string) {
  const org = useOrgId()
  return useMutation({
    mutationFn: (file: File) => {
      // A much larger one would be turned away before the service could say why.
      if (file.size > LARGEST) throw new Problem(413, 'document_too_large', '')
      return call(
        api.POST('/v1/orgs/{org}/assessments/{assessment}/guide-files', {
          params: { path: { org, assessment } },
          headers: { 'Content-Type': 'application/octet-stream' },
          body: file as unknown as string,
          bodySerializer: (body) => body as unknown as Blob,
        }),
      )
    },
  })
}
