import { api, call } from '@/api/client'

import { inBrowser, sendForm, UploadQueue } from './upload-queue'

/** The one queue of this page. It goes on while one looks at something else. */
export const uploads = new UploadQueue(
  {
    announce: ({ id, org, assessment, name, number, files }) =>
      call(
        api.POST('/v1/orgs/{org}/assessments/{assessment}/submissions', {
          params: { path: { org, assessment }, header: { 'Idempotency-Key': id } },
          body: {
            files: files.map(({ type, content }) => ({ content_type: type, bytes: content.size })),
            ...(name ? { student_name: name } : {}),
            ...(number ? { student_number: number } : {}),
          },
        }),
      ),
    send: sendForm,
  },
  inBrowser,
)
