import { createStore, del, entries, set } from 'idb-keyval'

import type { Api } from '@/api/types'

import type { ContentType } from './grouping'

/**
 * A script, or the scan of a whole class, that is being handed in. Its files stay in this browser until they have
 * arrived, so that a reload loses nothing.
 */
export type Script = {
  /**
   * Also the `Idempotency-Key`: announced again after a reload, it is the same submission, with fresh forms to upload
   * with.
   */
  id: string
  /** Nothing for one student's script. */
  kind?: 'class'
  user: string
  org: string
  assessment: string
  name: string
  number: string
  files: Page[]
}
export type Page = { name: string; type: ContentType; content: Blob }
export type FileProgress = { share: number; state: 'waiting' | 'sending' | 'retrying' | 'sent' }
export type Progress = {
  files: FileProgress[]
  /** Whether it outlives a reload; not where the browser refuses to keep files, or has no room for them. */
  isKept: boolean
  state: 'waiting' | 'sending' | 'done' | 'failed'
  error?: unknown
}

/** What the service knows of the files by number, and a form for each. */
export type Announced = {
  files: Record<string, Pick<Api<'SubmittedFile'>, 'state'>>
  uploads: (Api<'PresignedPost'> & { file: number })[]
}

export type Transport = {
  announce: (script: Script) => Promise<Announced>
  send: (form: Api<'PresignedPost'>, page: Page, onShare: (share: number) => void) => Promise<void>
}
export type Keep = {
  put: (script: Script) => Promise<void>
  drop: (id: string) => Promise<void>
  all: () => Promise<Script[]>
}

const AT_ONCE = 3
const ATTEMPTS = 5

/** Hands scripts in, a few at a time, and again when the network was gone. Lives as long as the page. */
export class UploadQueue {
  private progress: ReadonlyMap<string, Progress> = new Map()
  private scripts = new Map<string, Script>()
  private listeners = new Set<() => void>()
  private running = 0
  /** Scripts that are about to be kept. */
  private adding = 0

  constructor(
    private transport: Transport,
    private keep: Keep,
    private wait: (attempt: number) => Promise<void> = backOff,
  ) {}

  subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }
  /** How far each script is; a new map whenever something has changed. */
  snapshot = () => this.progress
  script = (id: string) => this.scripts.get(id)

  async add(scripts: Script[]) {
    this.adding += scripts.length
    for (const script of scripts) {
      const isKept = await this.keep.put(script).then(
        () => true,
        () => false,
      )
      this.take(script, isKept)
      this.adding -= 1
      this.next()
    }
  }

  /** Takes up what an earlier page of the same person had not finished. */
  async resume(user: string) {
    // Where nothing can be kept, nothing was left.
    const kept = await this.keep.all().catch(() => [])
    const left = kept.filter((script) => script.user === user && !this.scripts.has(script.id))
    left.forEach((script) => this.take(script, true))
    this.next()
  }

  retry(id: string) {
    this.set(id, { state: 'waiting', error: undefined })
    this.next()
  }

  async forget(id: string) {
    this.scripts.delete(id)
    this.progress = new Map([...this.progress].filter(([key]) => key !== id))
    this.tell()
    await this.drop(id)
  }

  /** Whether something would be lost if the page were closed now. */
  isAnyLost = () =>
    this.adding > 0 || [...this.progress.values()].some(({ state, isKept }) => state !== 'done' && !isKept)

  private take(script: Script, isKept: boolean) {
    this.scripts.set(script.id, script)
    this.set(script.id, { state: 'waiting', isKept, files: script.files.map(() => ({ share: 0, state: 'waiting' })) })
  }

  /** What is kept although it has arrived is announced again after a reload, and then dropped. */
  private drop = (id: string) => this.keep.drop(id).catch(() => undefined)

  private next() {
    for (const [id, { state }] of this.progress) {
      if (this.running >= AT_ONCE) return
      const script = this.scripts.get(id)
      if (state !== 'waiting' || !script) continue
      this.running += 1
      this.set(id, { state: 'sending' })
      void this.handIn(script).finally(() => {
        this.running -= 1
        this.next()
      })
    }
  }

  private async handIn(script: Script) {
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          await this.attempt(script)
          break
        } catch (error) {
          if (attempt >= ATTEMPTS || !isPassing(error)) throw error
          this.markRetrying(script.id)
          await this.wait(attempt)
        }
      }
      this.set(script.id, { state: 'done' })
      await this.drop(script.id)
    } catch (error) {
      this.set(script.id, { state: 'failed', error })
    }
  }

  /** Announces the script, again if need be, and sends what has not arrived. */
  private async attempt(script: Script) {
    const { files, uploads } = await this.transport.announce(script)
    for (const { file, fields, url } of uploads) {
      const page = script.files[file - 1]
      if (!page) continue
      if (files[file]?.state === 'awaiting_upload' && !this.isSent(script.id, file - 1)) {
        await this.transport.send({ fields, url }, page, (share) =>
          this.setFile(script.id, file - 1, { share, state: 'sending' }),
        )
      }
      this.setFile(script.id, file - 1, { share: 1, state: 'sent' })
    }
  }

  private isSent = (id: string, index: number) => this.progress.get(id)?.files[index]?.state === 'sent'

  private markRetrying(id: string) {
    const files = this.progress.get(id)?.files ?? []
    this.set(id, { files: files.map((file) => (file.state === 'sent' ? file : { ...file, state: 'retrying' })) })
  }

  private setFile(id: string, index: number, file: FileProgress) {
    const files = this.progress.get(id)?.files ?? []
    this.set(id, { files: files.map((it, i) => (i === index ? file : it)) })
  }

  private set(id: string, change: Partial<Progress>) {
    const before = this.progress.get(id) ?? { files: [], isKept: false, state: 'waiting' }
    this.progress = new Map(this.progress).set(id, { ...before, ...change })
    this.tell()
  }

  private tell() {
    this.listeners.forEach((listener) => listener())
  }
}

/** No network, an expired form, or a service that is busy: worth another try. Anything else stays wrong. */
const isPassing = (error: unknown) => {
  const status = (error as { status?: number }).status
  return error instanceof TypeError || status === undefined || status === 403 || status === 429 || status >= 500
}

/** 1, 2, 4 … seconds; while there is no network, until it is back. */
async function backOff(attempt: number) {
  if (!navigator.onLine) {
    await new Promise<void>((done) => addEventListener('online', () => done(), { once: true }))
  }
  await new Promise((done) => setTimeout(done, Math.min(2 ** (attempt - 1), 10) * 1000))
}

const store = createStore('smartscripts-uploads', 'scripts')

/** In IndexedDB, where files have room. */
export const inBrowser: Keep = {
  put: (script) => set(script.id, script, store),
  drop: (id) => del(id, store),
  all: async () => (await entries<string, Script>(store)).map(([, script]) => script),
}

/** Sends a file as its form demands: the signed fields first, then the file. `fetch` can't say how far it is. */
export function sendForm(form: Api<'PresignedPost'>, page: Page, onShare: (share: number) => void): Promise<void> {
  return new Promise((done, failed) => {
    const body = new FormData()
    for (const [name, value] of Object.entries(form.fields)) body.append(name, value)
    body.append('file', new File([page.content], page.name, { type: page.type }))
    const request = new XMLHttpRequest()
    request.open('POST', form.url)
    request.upload.onprogress = ({ loaded, total }) => onShare(total ? loaded / total : 0)
    request.onload = () => (request.status < 300 ? done() : failed(new UploadRefused(request.status)))
    request.onerror = () => failed(new TypeError('network'))
    request.onabort = () => failed(new TypeError('aborted'))
    request.send(body)
  })
}

export class UploadRefused extends Error {
  constructor(readonly status: number) {
    super(`upload refused: ${status}`)
  }
}
