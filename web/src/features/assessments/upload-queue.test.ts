import { expect, it } from 'vitest'

import { UploadQueue, UploadRefused, type Keep, type Script, type Transport } from './upload-queue'

const script = (id: string, files = 2): Script => ({
  id,
  user: 'usr_1',
  org: 'org_1',
  assessment: 'asm_1',
  name: '',
  number: '',
  files: Array.from({ length: files }, (_, i) => ({
    name: `${i + 1}.png`,
    type: 'image/png',
    content: new Blob(['x']),
  })),
})

/** Keeps scripts as the browser would, across queues. */
function memory(): Keep & { kept: Map<string, Script> } {
  const kept = new Map<string, Script>()
  return {
    kept,
    put: async (script) => void kept.set(script.id, script),
    drop: async (id) => void kept.delete(id),
    all: async () => [...kept.values()],
  }
}

/** A service that remembers what has arrived; `fail` may throw before a file does. */
function service(fail: (url: string) => void = () => undefined) {
  const arrived: string[] = []
  const transport: Transport = {
    announce: async (script) => ({
      files: Object.fromEntries(
        script.files.map((_, i) => [
          i + 1,
          { state: arrived.includes(`${script.id}/${i + 1}`) ? 'read' : 'awaiting_upload' },
        ]),
      ),
      uploads: script.files.map((_, i) => ({ file: i + 1, url: `${script.id}/${i + 1}`, fields: {} })),
    }),
    send: async ({ url }) => {
      fail(url)
      arrived.push(url)
    },
  }
  return { arrived, transport }
}

const settled = async (queue: UploadQueue) => {
  for (let i = 0; i < 200; i++) {
    await new Promise((done) => setTimeout(done, 1))
    if ([...queue.snapshot().values()].every((it) => it.state === 'done' || it.state === 'failed')) return
  }
  throw new Error('the queue did not come to an end')
}
const atOnce = async () => undefined

it('hands in every file once, and keeps nothing afterwards', async () => {
  const { arrived, transport } = service()
  const keep = memory()
  const queue = new UploadQueue(transport, keep, atOnce)
  await queue.add(['a', 'b', 'c', 'd', 'e'].map((id) => script(id)))
  await settled(queue)
  expect(arrived.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e'].flatMap((id) => [`${id}/1`, `${id}/2`]))
  expect(keep.kept.size).toBe(0)
})

it('goes on where the network was cut, without sending twice what has arrived', async () => {
  let cuts = 2
  const { arrived, transport } = service((url) => {
    if (url === 'a/2' && cuts-- > 0) throw new TypeError('network')
  })
  const queue = new UploadQueue(transport, memory(), atOnce)
  await queue.add([script('a')])
  await settled(queue)
  expect(arrived).toEqual(['a/1', 'a/2'])
  expect(queue.snapshot().get('a')?.state).toBe('done')
})

it('takes up after a reload what the page before had not finished, of the same person only', async () => {
  const { arrived, transport } = service()
  const keep = memory()
  keep.kept.set('mine', script('mine'))
  keep.kept.set('other', { ...script('other'), user: 'usr_2' })
  arrived.push('mine/1')
  const queue = new UploadQueue(transport, keep, atOnce)
  await queue.resume('usr_1')
  await settled(queue)
  expect(arrived).toEqual(['mine/1', 'mine/2'])
  expect([...keep.kept.keys()]).toEqual(['other'])
})

it('says what was refused for good, and can try again', async () => {
  let refused = true
  const { transport } = service(() => {
    if (refused) throw new UploadRefused(400)
  })
  const keep = memory()
  const queue = new UploadQueue(transport, keep, atOnce)
  await queue.add([script('a', 1)])
  await settled(queue)
  expect(queue.snapshot().get('a')?.state).toBe('failed')
  expect(keep.kept.has('a')).toBe(true)
  refused = false
  queue.retry('a')
  await settled(queue)
  expect(queue.snapshot().get('a')?.state).toBe('done')
})

it('hands in what the browser has no room to keep, and knows that it would be lost', async () => {
  let release = () => {}
  const held = new Promise<void>((done) => (release = done))
  const { arrived, transport } = service()
  const keep = memory()
  const full: Keep = {
    ...keep,
    put: async (script) => {
      if (script.id === 'big') throw new DOMException('full', 'QuotaExceededError')
      await keep.put(script)
    },
    drop: () => Promise.reject(new Error('gone')),
  }
  const queue = new UploadQueue(
    { ...transport, announce: (it) => held.then(() => transport.announce(it)) },
    full,
    atOnce,
  )
  await queue.add([script('big', 1), script('small', 1)])
  expect([...queue.snapshot()].map(([id, { isKept }]) => [id, isKept])).toEqual([
    ['big', false],
    ['small', true],
  ])
  expect(queue.isAnyLost()).toBe(true)
  release()
  await settled(queue)
  expect(arrived.toSorted()).toEqual(['big/1', 'small/1'])
  expect([...queue.snapshot().values()].map((it) => it.state)).toEqual(['done', 'done'])
  expect(queue.isAnyLost()).toBe(false)
})

it('goes on where the browser keeps nothing at all', async () => {
  const { arrived, transport } = service()
  const none: Keep = {
    put: () => Promise.reject(new Error()),
    drop: async () => {},
    all: () => Promise.reject(new Error()),
  }
  const queue = new UploadQueue(transport, none, atOnce)
  await queue.resume('usr_1')
  await queue.add([script('a', 1)])
  await settled(queue)
  expect(arrived).toEqual(['a/1'])
})
