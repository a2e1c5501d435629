import { api, call } from '@/api/client'

import { inBrowser, sendForm, UploadQueue, type Announced, type Script } from './upload-queue'

/** The one queue of this page. It goes on while one looks at something else. */
export const uploads = new UploadQueue(
  { announce: (script) => (script.kind === 'class' ? announceScan(script) : announceScript(script)), send: sendForm },
  inBrowser,
)

/** Persons whose uploads this page takes up, or waits to. */
const resumed = new Set<string>()

/**
 * Takes up what earlier pages of the person had not finished. Of several pages of the browser one does, as long as it
 * is open; then another one.
 */
export function resumeUploads(user: string) {
  if (resumed.has(user)) return
  resumed.add(user)
  const untilClosed = new Promise<void>(() => undefined)
  void navigator.locks.request(`smartscripts-uploads ${user}`, () => uploads.resume(user).then(() => untilClosed))
}

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
