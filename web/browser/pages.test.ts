// The pages of a script are seen before it is handed in, those of a PDF too, and put in order by dragging.
import { afterAll, beforeAll, expect, it } from 'vitest'

import { accessible, Api, graded, GUIDE, launch, logIn, person, PHONE, settled, type Browser, type Page } from './world'

const PAGES = ['1. The mitochondria.', '2. Books became cheaper.', 'More people learned to read.']
/** A word of each page by which it is known again after it was read. */
const KNOWN_BY = [/mitochondria/i, /cheaper/i, /people/i]

let browser: Browser
let api: Api
let page: Page
let calm: () => void
let org: string
let assessment: string
let path: string

beforeAll(async () => {
  browser = await launch()
  api = await Api.register('teacher')
  ;({ id: org } = await api.call<{ id: string }>('POST', '/v1/orgs', { name: 'Orderly School' }))
  ;({ id: assessment } = await api.call<{ id: string }>('POST', `/v1/orgs/${org}/assessments`, { title: GUIDE.title }))
  path = `/v1/orgs/${org}/assessments/${assessment}`
  await api.call('POST', `${path}/guides`, GUIDE)
  ;({ page, calm } = await person(browser))
  await logIn(page, api.email)
})
afterAll(() => browser.close())

/** A PDF of these pages, and each of them as a photo. */
async function papers(): Promise<{ pdf: Buffer; photos: Buffer[] }> {
  const printer = await browser.newContext({ viewport: { width: 1240, height: 1754 } })
  const paper = await printer.newPage()
  const style = `font: 44px 'DejaVu Sans'; margin: 120px; line-height: 2`
  const photos: Buffer[] = []
  for (const text of PAGES) {
    await paper.setContent(`<body style="${style}"><p>${text}</p></body>`)
    photos.push(await paper.screenshot({ type: 'jpeg', quality: 85 }))
  }
  const sheets = PAGES.map((text) => `<p>${text}</p>`).join('')
  await paper.setContent(`<style>p + p { break-before: page }</style><body style="${style}">${sheets}</body>`)
  const pdf = await paper.pdf({ width: '210mm', height: '297mm' })
  await printer.close()
  return { pdf, photos }
}

const toUpload = async () => {
  await page.goto(`/o/${org}/assessments/${assessment}/upload`)
  await settled(page)
}
const choose = (files: { name: string; mimeType: string; buffer: Buffer }[]) =>
  page.locator('input[type=file]').first().setInputFiles(files)
/** What a PDF holds is drawn only where somebody sees it. */
const lookAt = (name: string) => page.locator('ol > li', { hasText: name }).first().scrollIntoViewIfNeeded()
const pictures = (name: string) => page.locator(`ol img[alt*="${name}"]`)
const order = (name: string) => pictures(name).evaluateAll((all) => all.map((it) => it.getAttribute('alt')))

/** What the pictures show, as soon as all of them are there. */
async function shown(name: string): Promise<string[]> {
  const drawn = () =>
    pictures(name).evaluateAll((all) =>
      all.map((it) => {
        const picture = it as HTMLImageElement
        const canvas = document.createElement('canvas')
        canvas.width = picture.naturalWidth
        canvas.height = picture.naturalHeight
        if (canvas.width > 0) canvas.getContext('2d')?.drawImage(picture, 0, 0)
        return canvas.width > 0 ? canvas.toDataURL() : ''
      }),
    )
  await expect.poll(async () => (await drawn()).filter(Boolean).length).toBe(PAGES.length)
  return drawn()
}

/** Hands in what is chosen, and says which of the pages were read, in the order of the script. */
async function readInOrder(before: number): Promise<number[]> {
  await page.getByRole('button', { name: 'Hand in one script' }).click()
  await page.getByText(`Handing in: ${before + 1} of ${before + 1}`).waitFor({ timeout: 60_000 })
  await graded(api, path)
  const { items } = await api.call<{ items: { id: string; created_at: string }[] }>('GET', `${path}/submissions`)
  expect(items).toHaveLength(before + 1)
  const newest = items.toSorted((a, b) => b.created_at.localeCompare(a.created_at))[0]
  type Reading = { pages: { lines: { words: { text: string }[] }[] }[] }
  const reading = await api.call<Reading>('GET', `${path}/submissions/${newest?.id}/reading`)
  return reading.pages.map(({ lines }) => {
    const text = lines.flatMap((line) => line.words.map((word) => word.text)).join(' ')
    return KNOWN_BY.findIndex((word) => word.test(text))
  })
}

it('shows the pages of a PDF, and hands them in as they were dragged', async () => {
  const { pdf } = await papers()
  await toUpload()
  await choose([{ name: 'three.pdf', mimeType: 'application/pdf', buffer: pdf }])
  await lookAt('three.pdf')
  await expect.poll(() => pictures('three.pdf').count()).toBe(PAGES.length)
  const before = await shown('three.pdf')
  expect(new Set(before).size).toBe(PAGES.length)

  const tiles = page.locator('ol > li', { has: page.locator('img[alt*="three.pdf"]') })
  await tiles.nth(2).dragTo(tiles.nth(0))
  const turned = ['Page 1: three.pdf, page 3', 'Page 2: three.pdf, page 1', 'Page 3: three.pdf, page 2']
  await expect.poll(() => order('three.pdf')).toEqual(turned)
  await page.getByText('Moved to place 1 of 3.').waitFor({ state: 'attached' })
  // Each picture goes with its page.
  expect(await shown('three.pdf')).toEqual([before[2], before[0], before[1]])

  // There and back with the keyboard: the arrow that was pressed goes with its page.
  await page.getByRole('button', { name: 'Move page 1 back' }).focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => order('three.pdf')).not.toEqual(turned)
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Move page 2 back')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await expect.poll(() => order('three.pdf')).toEqual(turned)

  await accessible(page, 'pages of a script')
  await page.setViewportSize(PHONE)
  await page.emulateMedia({ colorScheme: 'dark' })
  await accessible(page, 'pages of a script, dark, phone')
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1440, height: 900 })
  expect(await readInOrder(0)).toEqual([2, 0, 1])
})

it('leaves out a page of a PDF', async () => {
  const { pdf } = await papers()
  await choose([{ name: 'two.pdf', mimeType: 'application/pdf', buffer: pdf }])
  await lookAt('two.pdf')
  await expect.poll(() => pictures('two.pdf').count()).toBe(PAGES.length)
  await page.getByRole('button', { name: 'Leave out page 2' }).click()
  await expect.poll(() => order('two.pdf')).toEqual(['Page 1: two.pdf, page 1', 'Page 2: two.pdf, page 3'])
  expect(await readInOrder(1)).toEqual([0, 2])
})

it('puts photos in order by dragging, and hands them in so', async () => {
  const { photos } = await papers()
  const files = photos.map((buffer, i) => ({ name: `sheet-${i + 1}.jpg`, mimeType: 'image/jpeg', buffer }))
  await choose(files)
  await expect.poll(() => pictures('sheet-').count()).toBe(PAGES.length)
  const tiles = page.locator('ol > li', { has: page.locator('img[alt*="sheet-"]') })
  await tiles.nth(0).dragTo(tiles.nth(2))
  await expect
    .poll(() => order('sheet-'))
    .toEqual(['Page 1: sheet-2.jpg', 'Page 2: sheet-3.jpg', 'Page 3: sheet-1.jpg'])
  await accessible(page, 'photos of a script')
  expect(await readInOrder(2)).toEqual([1, 2, 0])
})

it('keeps a PDF that it can not open as one file', async () => {
  await choose([{ name: 'bad.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 no more') }])
  await page.getByRole('img', { name: 'File 1: bad.pdf' }).waitFor()
  await page.getByRole('button', { name: 'Hand in one script' }).waitFor()
  // The next one is drawn all the same.
  const { pdf } = await papers()
  await choose([{ name: 'good.pdf', mimeType: 'application/pdf', buffer: pdf }])
  await lookAt('good.pdf')
  await expect.poll(() => pictures('good.pdf').count()).toBe(PAGES.length)
  expect(await page.getByRole('img', { name: 'File 1: bad.pdf' }).count()).toBe(1)
  for (const name of ['Bad', 'Good']) await page.getByRole('button', { name: `Remove the script of ${name}` }).click()
  await page.getByRole('button', { name: /^Hand in/ }).waitFor({ state: 'detached' })
})

it('puts the files of a class scan in order before it is sent, and asks before they are lost', async () => {
  const { pdf, photos } = await papers()
  await page
    .getByRole('group', { name: /scan of the whole class here/ })
    .locator('input[type=file]')
    .setInputFiles([
      { name: 'part-10.pdf', mimeType: 'application/pdf', buffer: pdf },
      { name: 'part-2.jpg', mimeType: 'image/jpeg', buffer: photos[0] ?? Buffer.alloc(0) },
    ])
  await lookAt('part-10.pdf')
  await expect.poll(() => order('part-')).toEqual(['Page 1: part-2.jpg', 'File 2: part-10.pdf'])
  await page.getByText('3 pages', { exact: true }).waitFor()
  const tiles = page.locator('ol > li', { has: page.locator('img[alt*="part-"]') })
  await tiles.nth(1).dragTo(tiles.nth(0))
  await expect.poll(() => order('part-')).toEqual(['File 1: part-10.pdf', 'Page 2: part-2.jpg'])
  await accessible(page, 'files of a class scan')
  const asked: string[] = []
  page.once('dialog', (dialog) => {
    asked.push(dialog.message())
    void dialog.dismiss()
  })
  await page.getByRole('link', { name: 'Statistics' }).click()
  await expect.poll(() => asked).toEqual(['This scan is not handed in yet. Leave all the same?'])
  const announced = page.waitForResponse(
    (response) => response.url().endsWith('/class-scans') && response.request().method() === 'POST',
  )
  await page.getByRole('button', { name: 'Hand in the scan' }).click()
  type Created = { class_scan: { files: Record<string, { content_type: string }> } }
  const { files } = ((await (await announced).json()) as Created).class_scan
  expect([files['1']?.content_type, files['2']?.content_type]).toEqual(['application/pdf', 'image/jpeg'])
  await page.getByRole('button', { name: 'Hand in the scan' }).waitFor({ state: 'detached' })
})

it('has made no error in the page on the way', () => calm())
