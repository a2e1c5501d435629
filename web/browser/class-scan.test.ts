// A whole class in one scan: sheets are printed, the scan is split into scripts, and those that are nobody's assigned.
import { afterAll, beforeAll, expect, it } from 'vitest'

import {
  accessible,
  Api,
  GUIDE,
  launch,
  logIn,
  person,
  PHONE,
  picture,
  settled,
  type Browser,
  type BrowserContext,
  type Page,
} from './world'

const ROSTER = [
  { number: '1', name: 'Ada Lovelace' },
  { number: '2', name: 'Benjamin Wolff' },
  { number: '3', name: 'Chiara Okonkwo' },
]
/** What stands on the pages: one name is on the roster, one is nearly, one is not at all. */
const PAGES = [
  ['Name: Ada Lovelace', '1. The mitochondria.', '2. Books became cheaper.'],
  ['More people learned to read.'],
  ['Name: Benjamin Wolfe', '1. The nucleus.', '2. It was fast.'],
  ['Name: Zzyzx Quux', '1. The mitochondria.', '2. Books.'],
]

let browser: Browser
let api: Api
let context: BrowserContext
let page: Page
let calm: () => void
let org: string
let assessment: string

beforeAll(async () => {
  browser = await launch()
  api = await Api.register('teacher')
  ;({ id: org } = await api.call<{ id: string }>('POST', '/v1/orgs', { name: 'Scanning School' }))
  for (const student of ROSTER) await api.call('POST', `/v1/orgs/${org}/students`, student)
  ;({ id: assessment } = await api.call<{ id: string }>('POST', `/v1/orgs/${org}/assessments`, { title: GUIDE.title }))
  await api.call('POST', `/v1/orgs/${org}/assessments/${assessment}/guides`, GUIDE)
  ;({ page, context, calm } = await person(browser))
  await logIn(page, api.email)
})
afterAll(() => browser.close())

/** The pages as a scanner gives them: a PDF of pictures, without a word of text in it. */
async function scan(): Promise<Buffer> {
  const scanner = await browser.newContext({ viewport: { width: 1240, height: 1754 } })
  const paper = await scanner.newPage()
  const pictures: string[] = []
  for (const lines of PAGES) {
    const text = lines.map((line) => `<p>${line}</p>`).join('')
    await paper.setContent(`<body style="font: 44px 'DejaVu Sans'; margin: 120px; line-height: 2">${text}</body>`)
    pictures.push((await paper.screenshot({ type: 'jpeg', quality: 85 })).toString('base64'))
  }
  const sheets = pictures.map((it) => `<img src="data:image/jpeg;base64,${it}" style="display:block;width:210mm">`)
  await paper.setContent(`<body style="margin: 0">${sheets.join('')}</body>`)
  const pdf = await paper.pdf({ width: '210mm', height: '297mm' })
  await scanner.close()
  return pdf
}

it('prints separator sheets for the class', async () => {
  await page.goto(`/o/${org}/assessments/${assessment}/upload`)
  await settled(page)
  await page.getByRole('heading', { name: 'One scan of the whole class' }).waitFor()
  const printed = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Print sheets' }).click()
  const stream = await (await printed).createReadStream()
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part as Buffer)
  const pdf = Buffer.concat(parts).toString('latin1')
  expect(pdf.startsWith('%PDF-')).toBe(true)
  expect(pdf.match(/\/MediaBox/g)).toHaveLength(ROSTER.length)
  await page.getByLabel('Separator sheets for').selectOption('Numbered sheets')
  await page.getByLabel('How many').fill('0')
  expect(await page.getByRole('button', { name: 'Print sheets' }).isDisabled()).toBe(true)
})

it('splits the scan of a class into its scripts', async () => {
  await page
    .getByRole('group', { name: /scan of the whole class here/ })
    .locator('input[type=file]')
    .setInputFiles({ name: 'class.pdf', mimeType: 'application/pdf', buffer: await scan() })
  const chosen = page.getByRole('listitem').filter({ hasText: '1. class.pdf' })
  await chosen.scrollIntoViewIfNeeded()
  await chosen.getByText('4 pages', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Hand in the scan' }).click()
  await page.getByText('Handing in: 1 of 1').waitFor()
  const row = page.getByRole('list', { name: 'Scans of the class' }).getByRole('listitem')
  await row.getByText('Split', { exact: true }).waitFor({ timeout: 60_000 })
  await row.getByText('4 pages · 3 scripts').waitFor()
  await accessible(page, 'scan of a class')
  await page.getByText('2 scripts are nobody’s yet.').waitFor({ timeout: 60_000 })
})

it('assigns the scripts that are nobody’s, the proposal first', async () => {
  await page.getByRole('link', { name: 'Say whose they are' }).click()
  await page.getByRole('img', { name: 'First page of the script' }).nth(1).waitFor()
  await settled(page)
  await accessible(page, 'unmatched tray')
  await picture(page, 'unmatched')
  await page.setViewportSize(PHONE)
  await page.emulateMedia({ colorScheme: 'dark' })
  await accessible(page, 'unmatched tray, dark, phone')
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1440, height: 900 })
  // He is proposed, since a letter differs; she is not, and is found by typing.
  const proposals = page.getByRole('group', { name: 'Perhaps it is the script of' })
  expect(await proposals.count()).toBe(1)
  await proposals.getByRole('button').first().click()
  await page.getByText('Assigned to Benjamin Wolff.').waitFor()
  await proposals.waitFor({ state: 'detached' })
  await page.getByLabel('Another student').fill('Chiara Okonkwo (3)')
  await page.keyboard.press('Enter')
  await page.getByText('Assigned to Chiara Okonkwo.').waitFor()
  await page.getByText('Every script has its student').waitFor()
  await accessible(page, 'unmatched tray, empty')
  const { items } = await api.call<{ items: { student: string | null }[] }>(
    'GET',
    `/v1/orgs/${org}/assessments/${assessment}/submissions`,
  )
  expect(new Set(items.map((it) => it.student)).size).toBe(ROSTER.length)
  expect(items.every((it) => it.student)).toBe(true)
})

it('takes up a scan that the network has cut, and deletes one', async () => {
  await page.goto(`/o/${org}/assessments/${assessment}/upload`)
  await settled(page)
  const cut = (url: URL) => !url.pathname.startsWith('/v1/')
  await context.route(cut, (route) =>
    route.request().method() === 'POST' ? route.abort('internetdisconnected') : route.continue(),
  )
  const input = page.getByRole('group', { name: /scan of the whole class here/ }).locator('input[type=file]')
  await input.setInputFiles([{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no scan') }])
  await page.getByText(/Left out.*notes\.txt/).waitFor()
  await input.setInputFiles({ name: 'bad.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 no more') })
  await page.getByRole('button', { name: 'Hand in the scan' }).click()
  await page.getByText('Waiting for the network').waitFor()
  await page.reload()
  await page.getByText('Waiting for the network').waitFor()
  await context.unroute(cut)
  await page.getByText('Handing in: 1 of 1').waitFor({ timeout: 40_000 })
  // The scan is damaged: it says so, and can be deleted.
  const row = page.getByRole('list', { name: 'Scans of the class' }).getByRole('listitem').first()
  await row.getByText(/The PDF is damaged/).waitFor({ timeout: 60_000 })
  await row.getByRole('button', { name: /^Actions for Scan of/ }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByText(/The PDF is damaged/).waitFor({ state: 'detached' })
  expect(await page.getByRole('list', { name: 'Scans of the class' }).getByRole('listitem').count()).toBe(1)
})

it('has made no error in the page on the way', () => calm())
