// What goes wrong in real life: two people at one answer, a network that is cut, a session that has expired.
import { createServer, type AddressInfo } from 'node:net'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { AWS, launch, logIn, person, school, settled, type Browser, type Page, type School } from './world'

const TEXTS = [
  '1. The mitochondria.\n2. Books were cheaper to buy and so many more people could learn reading.\n',
  '1. the mitochondria\n2. It was fast.\n',
  '1. The nucleus.\n2. People read more because books cost less than before.\n',
]

let browser: Browser
let found: School
/** Logged in once for all tests that need no more: an address may not log in as often as it likes. */
let teacher: Awaited<ReturnType<typeof person>>

beforeAll(async () => {
  browser = await launch()
  found = await school(TEXTS)
  teacher = await person(browser)
  await logIn(teacher.page, found.api.email)
})
afterAll(() => browser.close())

const at = (question: string, submission = found.submissions[0]) =>
  `/o/${found.org}/assessments/${found.assessment}/grade?order=student&at=${submission}:${question}`

type Standing = { version: number; marks: number; decided_by: string | null }
/** How an answer stands by now. */
const standing = async (question: string, script = 0) => {
  const path = `/v1/orgs/${found.org}/assessments/${found.assessment}/submissions/${found.submissions[script]}`
  const { outcome } = await found.api.call<{ outcome: { answers: Record<string, Standing> } }>('GET', path)
  return outcome.answers[question]
}

it('shows two people at one answer what the other has decided, and never overwrites it silently', async () => {
  const [one, two] = [await person(browser), await person(browser)]
  for (const { page } of [one, two]) {
    await logIn(page, found.api.email)
    await page.goto(at('2'))
    await page.getByRole('button', { name: 'Confirm' }).waitFor()
  }
  // Both are about to give other marks.
  const untouched = (await standing('2'))?.version ?? 0
  await one.page.keyboard.press('1')
  await two.page.keyboard.press('2')
  await one.page.keyboard.press('Enter')
  await expect.poll(async () => (await standing('2'))?.version).toBeGreaterThan(untouched)
  await two.page.keyboard.press('Enter')
  // Hers was refused or held back; she is shown what he has decided.
  await two.page.getByText(/has decided about this answer/).waitFor()
  const before = await standing('2')
  await two.page.getByRole('button', { name: 'Decide anew' }).click()
  await two.page.getByText(/has decided about this answer/).waitFor({ state: 'detached' })
  await two.page.keyboard.press('Enter')
  await expect.poll(async () => (await standing('2'))?.version).toBeGreaterThan(before?.version ?? 0)
  await one.context.close()
  await two.context.close()
})

it('brings a decision that could not be sent back, with its marks and its comment', async () => {
  const { page, context } = teacher
  await page.goto(at('1', found.submissions[2]))
  await page.getByRole('button', { name: 'Confirm' }).waitFor()
  const before = await standing('1', 2)
  await context.route('**/answers/**', (route) => route.abort('internetdisconnected'))
  await page.keyboard.press('1')
  await page.keyboard.press('c')
  await page.keyboard.type('It is not the nucleus.')
  await page.keyboard.press('Control+Enter')
  // The next answer is there at once; then this one is back, and nothing of it is lost.
  await page.getByText(/No answer: the network/).waitFor()
  await expect.poll(() => new URL(page.url()).searchParams.get('at')).toBe(`${found.submissions[2]}:1`)
  const comment = page.getByLabel('Comment', { exact: true })
  await expect.poll(() => comment.inputValue()).toBe('It is not the nucleus.')
  await page.getByRole('button', { name: 'Save and go on' }).waitFor()
  // What is written stays while one looks elsewhere.
  await page.getByRole('button', { name: 'Next answer' }).click()
  await expect.poll(() => comment.inputValue()).toBe('')
  await page.getByRole('button', { name: 'Previous answer' }).click()
  await expect.poll(() => comment.inputValue()).toBe('It is not the nucleus.')
  expect(await standing('1', 2)).toEqual(before)
  await context.unroute('**/answers/**')
  await page.getByRole('button', { name: 'Save and go on' }).click()
  await expect.poll(async () => (await standing('1', 2))?.marks).not.toBe(before?.marks)
})

it('gives equal answers the same marks at once, and takes all of them back at once', async () => {
  const { page } = teacher
  await page.goto(
    `/o/${found.org}/assessments/${found.assessment}/grade?order=question&question=1&at=${found.submissions[0]}:1`,
  )
  await page.getByText('One other has written the same').waitFor()
  await page.keyboard.press('Enter')
  await page.getByText('One equal answer got the same marks.').waitFor()
  const decided = async () => [(await standing('1', 0))?.decided_by, (await standing('1', 1))?.decided_by]
  expect(await decided()).not.toContain(null)
  await page.keyboard.press('u')
  await page.getByText('Undone.').waitFor()
  expect(await decided()).toEqual([null, null])
})

it('goes back to what was skipped, decides once while a key is held, and looks anew when all is looked at', async () => {
  const { page } = teacher
  await page.goto(`/o/${found.org}/assessments/${found.assessment}/grade?order=question&question=1`)
  await page.getByText('1 of 3').waitFor()
  await page.getByRole('button', { name: 'Confirm' }).waitFor()
  await page.keyboard.press('j')
  await page.getByText('2 of 3').waitFor()
  await page.keyboard.press('j')
  await page.getByText('3 of 3').waitFor()
  // One of the three is decided by an earlier test; the first of the two others comes next, before or here.
  await page.keyboard.press('n')
  await page.getByText(/^(Student \d )?[12] of 3$/).waitFor()
  const decisions = () =>
    found.api.call<{ items: unknown[] }>('GET', `/v1/orgs/${found.org}/audit?action=answer.confirmed&limit=100`)
  const before = (await decisions()).items.length
  await page.getByLabel(/others? ha(s|ve) written the same/).uncheck()
  await page.keyboard.down('Enter')
  for (let i = 0; i < 5; i++) await page.keyboard.down('Enter')
  await page.keyboard.up('Enter')
  await page.waitForLoadState('networkidle')
  await expect.poll(async () => (await decisions()).items.length).toBe(before + 1)
  await page.goto(`/o/${found.org}/assessments/${found.assessment}/grade?order=doubt`)
  const through = page.getByText('Everything here is looked at')
  while (!(await through.isVisible())) {
    await page.getByRole('button', { name: 'Confirm' }).or(through).first().waitFor()
    await page.keyboard.press('Enter')
    await settled(page)
  }
  await page.getByRole('button', { name: 'Look for more' }).click()
  await settled(page)
  await through.waitFor()
})

it('asks before scripts that were chosen, but not handed in, are lost', async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  await page.goto(`/o/${found.org}/assessments/${found.assessment}/upload`)
  await settled(page)
  const buffer = Buffer.from(TEXTS[0] ?? '')
  await page.locator('input[type=file]').first().setInputFiles({ name: 'lost.txt', mimeType: 'text/plain', buffer })
  await page.getByRole('button', { name: /^Hand in/ }).waitFor()
  const asked: string[] = []
  page.on('dialog', (dialog) => {
    asked.push(dialog.message())
    void dialog.dismiss()
  })
  await page.getByRole('link', { name: 'Statistics' }).click()
  await expect.poll(() => asked).toEqual(['These scripts are not handed in yet. Leave all the same?'])
  await page.getByRole('button', { name: /^Hand in/ }).waitFor()
  await context.close()
})

it('goes on with an upload when the network is back, and takes it up after a reload', async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  await page.goto(`/o/${found.org}/assessments/${found.assessment}/upload`)
  await settled(page)
  const toBucket = `${AWS}/**`
  await context.route(toBucket, (route) =>
    route.request().method() === 'POST' ? route.abort('internetdisconnected') : route.continue(),
  )
  const file = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles([file('cut-one.txt', TEXTS[0] ?? ''), file('cut-two.txt', TEXTS[1] ?? '')])
  await page.getByRole('button', { name: 'Hand in 2 scripts' }).click()
  await page.getByText('Handing in: 0 of 2').waitFor()
  await page.getByText('Waiting for the network').first().waitFor()
  // The page is closed in the middle of it; the next one knows.
  await page.reload()
  await page.getByText('Waiting for the network').first().waitFor()
  // And another page goes on with it, too.
  const tried = page.waitForRequest((request) => request.method() === 'POST' && request.url().startsWith(AWS))
  await page.goto(`/o/${found.org}`)
  await tried
  await context.unroute(toBucket)
  const arrived = async () => {
    const path = `/v1/orgs/${found.org}/assessments/${found.assessment}`
    type Counted = { progress: { submitted: number; awaiting_upload: number } }
    const { progress } = await found.api.call<Counted>('GET', path)
    return progress.submitted - progress.awaiting_upload
  }
  await expect.poll(arrived, { timeout: 40_000 }).toBe(TEXTS.length + 2)
  await context.close()
})

/** A photograph of a megabyte or so, which no two pixels of make any smaller. */
const photograph = (page: Page) =>
  page.evaluate(async () => {
    const canvas = new OffscreenCanvas(1000, 1000)
    const context = canvas.getContext('2d')
    if (!context) throw new Error('no canvas')
    const noise = context.createImageData(canvas.width, canvas.height)
    for (let i = 0; i < noise.data.length; i++) noise.data[i] = i % 4 === 3 ? 255 : Math.random() * 256
    context.putImageData(noise, 0, 0)
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 })
    return Array.from(new Uint8Array(await blob.arrayBuffer()))
  })

/** A server that takes a part of what is sent to it and then cuts the line, as a network does that goes away. */
async function cuttingServer(after: number) {
  let taken = 0
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (part) => {
      taken += part.length
      if (taken >= after) socket.resetAndDestroy()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, taken: () => taken, close: () => server.close() }
}

it('goes on by itself with an upload that was cut in the middle', async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  const path = `assessments/${found.assessment}`
  await page.goto(`/o/${found.org}/${path}/upload`)
  await settled(page)
  const buffer = Buffer.from(await photograph(page))
  expect(buffer.length).toBeGreaterThan(300_000)
  const cut = await cuttingServer(100_000)
  let tries = 0
  let comeBack = () => {}
  const isBack = new Promise<void>((resolve) => (comeBack = resolve))
  await context.route(`${AWS}/**`, async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    tries += 1
    const { pathname } = new URL(route.request().url())
    if (tries === 1) return route.continue({ url: cut.url + pathname })
    // The network is back when it has been seen that it was gone.
    await isBack
    return route.continue()
  })
  await page.locator('input[type=file]').first().setInputFiles({ name: 'cut.jpg', mimeType: 'image/jpeg', buffer })
  await page.getByRole('button', { name: 'Hand in one script' }).click()
  await page.getByText('Waiting for the network').first().waitFor()
  expect(cut.taken()).toBeGreaterThanOrEqual(100_000)
  expect(cut.taken()).toBeLessThan(buffer.length)
  comeBack()
  await page.getByText('Handing in: 1 of 1').waitFor()
  expect(tries).toBe(2)
  cut.close()
  type Handed = { files: Record<string, { content_type: string; state: string }> }
  const arrived = async () => {
    const { items } = await found.api.call<{ items: Handed[] }>('GET', `/v1/orgs/${found.org}/${path}/submissions`)
    const photographs = items
      .flatMap(({ files }) => Object.values(files))
      .filter((it) => it.content_type === 'image/jpeg')
    return photographs.map((it) => it.state)
  }
  await expect.poll(arrived).toEqual([expect.not.stringMatching('awaiting_upload')])
  await context.close()
})

it('refreshes an expired token once for all calls that find it expired, and nobody notices', async () => {
  const { page, context, calm } = await person(browser)
  await logIn(page, found.api.email)
  const base = `/v1/orgs/${found.org}/assessments`
  const titles = Array.from({ length: 10 }, (_, i) => `Paper ${i + 1}`)
  await Promise.all(titles.map((title) => found.api.call('POST', base, { title })))
  await page.goto(`/o/${found.org}/settings`)
  await settled(page)
  const tokenOf = (headers: Record<string, string>) => headers.authorization ?? ''
  const asked = page.waitForRequest((it) => tokenOf(it.headers()) !== '')
  await page.getByRole('link', { name: 'Teams' }).click()
  const expired = tokenOf((await asked).headers())
  await settled(page)
  // From here on the service says of this token what it says of one that has expired.
  let refused = 0
  await page.route(new RegExp(`${base}/asm_\\w+$`), (route) => {
    if (tokenOf(route.request().headers()) !== expired) return route.continue()
    refused += 1
    return route.fulfill({
      status: 401,
      contentType: 'application/problem+json',
      body: JSON.stringify({
        code: 'token_invalid',
        detail: 'The access token is missing, wrong or expired. Log in, or refresh it.',
      }),
    })
  })
  let refreshed = 0
  page.on('request', (it) => {
    if (new URL(it.url()).pathname === '/v1/auth/refresh') refreshed += 1
  })
  await page.getByRole('link', { name: 'Dashboard' }).click()
  for (const title of titles) await page.getByRole('link', { name: title, exact: true }).waitFor()
  await settled(page)
  expect(refused).toBeGreaterThanOrEqual(10)
  expect(refreshed).toBe(1)
  expect(await page.locator('main').innerText()).not.toMatch(/session|No answer|went wrong/i)
  calm()
  await context.close()
})

it('gives, refuses and parts marks with keys alone, and turns nothing else', async () => {
  const { page } = teacher
  await page.goto(at('2', found.submissions[1]))
  await page.getByRole('button', { name: 'Confirm' }).waitFor()
  const marks = () => page.getByLabel('Marks for criterion 2').inputValue()
  const was = await marks()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  for (const [key, value] of [
    ['a', '1'],
    ['r', '0'],
    ['.', '0.5'],
    [',', '0'],
    ['2', '1'],
    ['x', was],
  ] as const) {
    await page.keyboard.press(key)
    await expect.poll(marks, { message: key }).toBe(value)
  }
  const width = () => page.getByRole('region', { name: 'Pages of the script' }).locator('> div').getAttribute('style')
  await page.keyboard.press('+')
  await expect.poll(width).toBe('width: 125%;')
  await page.keyboard.press('0')
  await expect.poll(width).toBe('width: 100%;')
  // A click does not keep the keys: Enter confirms what was clicked. In the field of the marks it does so, too.
  const before = (await standing('2', 1))?.version ?? 0
  await page.getByRole('button', { name: 'Award criterion 2' }).click()
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await standing('2', 1))?.version).toBe(before + 1)
  await page.goto(at('2', found.submissions[1]))
  const field = page.getByLabel('Marks for criterion 2')
  await field.fill('0.5')
  await field.press('Enter')
  await expect.poll(async () => (await standing('2', 1))?.version).toBe(before + 2)
})

it('says which plan has API keys where this one has none', async () => {
  const { page } = teacher
  const { id } = await found.api.call<{ id: string }>('POST', '/v1/orgs', { name: 'A Small School' })
  await page.goto(`/o/${id}/api-keys`)
  await page.getByText(/is part of the plan School and above/).waitFor()
  await settled(page)
  expect(await page.getByRole('button', { name: 'New key' }).count()).toBe(0)
  await page.goto(`/o/${found.org}/api-keys`)
  await page.getByRole('button', { name: 'New key' }).waitFor()
})

it('asks to log in again when the session has ended, and comes back to where one was', async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  await page.goto(`/o/${found.org}/students`)
  await settled(page)
  await context.clearCookies()
  // The access token has expired: the service says so until somebody logs in anew.
  await page.route('**/v1/orgs/**', (route) =>
    route.fulfill({
      status: 401,
      contentType: 'application/problem+json',
      body: JSON.stringify({ code: 'token_invalid', detail: '' }),
    }),
  )
  await page.getByRole('link', { name: 'Teams' }).click()
  await page.getByText('Your session has ended').waitFor()
  await page.unroute('**/v1/orgs/**')
  await page.getByLabel('E-mail address').fill(found.api.email)
  await page.getByLabel('Password', { exact: true }).fill('seven lamps behind the harbour')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.waitForURL(/\/teams$/)
  await context.close()
})

it('says that it is offline, and goes on when it is not', async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  await page.goto(`/o/${found.org}`)
  await settled(page)
  await context.setOffline(true)
  await page.getByText('You are offline').first().waitFor()
  await context.setOffline(false)
  await page.getByText('You are offline').first().waitFor({ state: 'detached' })
  await context.close()
})
