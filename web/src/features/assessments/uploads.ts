import { api, call } from '@/api/client'

import { inBrowser, sendForm, UploadQueue, type Announced, type Script } from './upload-queue'

/** The one queue of this page. It goes on while one looks at something else. */
export const uploads = new UploadQueue(
  { announce: (script) => (script.kind === 'class' ? announceScan(script) : announceScript(script)), send: sendForm },
  inBrowser,
)

const filesOf = ({ files }: Script) => files.map(({ type, content }) => ({ content_type: type, bytes: content.size }))
const paramsOf = ({ id, org, assessment }: Script) => ({
  path: { org, assessment },
  header: { 'Idempotency-Key': id },
})

async function announceScript(script: Script): Promise<Announced> {
  const { submission, uploads } = await call(
    api.POST('/v1/orgs/{org}/assessments/{assessment}/submissions', {
      params: paramsOf(script),
      body: {
        files: filesOf(script),
        ...(script.name ? { student_name: script.name } : {}),
        ...(script.number ? { student_number: script.number } : {}),
      },
    }),
  )
  return { files: submission.files, uploads }
}

async function announceScan(script: Script): Promise<Announced> {
  const { class_scan, uploads } = await call(
    api.POST('/v1/orgs/{org}/assessments/{assessment}/class-scans', {
      params: paramsOf(script),
      body: { files: filesOf(script) },
    }),
  )
  return { files: class_scan.files, uploads }
}
