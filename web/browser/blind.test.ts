// Who grades without names sees none: not in a text, and not on the picture of a page.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

import {
  accessible,
  handwriting,
  launch,
  logIn,
  person,
  PHONE,
  school,
  settled,
  WRITER,
  type Browser,
  type Page,
} from './world'

type Reading = {
  pages: { page: number; width: number; height: number; lines: { words: { text: string; quad: number[][] }[] }[] }[]
}
type Box = { left: number; top: number; right: number; bottom: number }

let browser: Browser
let page: Page
let script: string
let desk: string
let reading: Reading

beforeAll(async () => {
  browser = await launch()
  const found = await school([])
  const { api, org } = found
  const { assessment, submission } = await handwriting(found)
  script = `/v1/orgs/${org}/assessments/${assessment}/submissions/${submission}`
  desk = `/o/${org}/assessments/${assessment}/grade?order=student&at=${submission}:2`
  reading = await api.call<Reading>('GET', `${script}/reading`)
  ;({ page } = await person(browser))
  await logIn(page, api.email)
  await page.goto(desk)
  await page.getByLabel('Hide names').check()
})
afterAll(() => browser.close())

beforeEach(async () => {
  await page.unrouteAll()
  await page.goto(desk)
  await page.locator('svg image').first().waitFor()
  await settled(page)
})

const isName = (line: Reading['pages'][number]['lines'][number]) =>
  line.words.some((word) => WRITER.includes(word.text) && word.text.length > 3)

/** Where the name stands on the first page as the API tells it, in pixels of the window. */
async function nameOnScreen(): Promise<Box> {
  const [first] = reading.pages
  const points = (first?.lines.filter(isName) ?? []).flatMap(({ words }) => words.flatMap(({ quad }) => quad))
  if (!first || points.length === 0) throw new Error('the name was not read')
  const picture = await page.locator('svg image').first().boundingBox()
  if (!picture) throw new Error('no picture')
  const across = points.map(([x = 0]) => picture.x + (x / first.width) * picture.width)
  const down = points.map(([, y = 0]) => picture.y + (y / first.height) * picture.height)
  return { left: Math.min(...across), top: Math.min(...down), right: Math.max(...across), bottom: Math.max(...down) }
}

/** What lies over the picture and lets nothing through. */
const covers = () =>
  page.locator('svg rect.fill-mark-cover').evaluateAll((all) =>
    all
      .filter((it) => {
        const { fillOpacity, opacity, fill } = getComputedStyle(it)
        return fillOpacity === '1' && opacity === '1' && !/none|\/ 0\.|rgba\(/.test(fill)
      })
      .map((it) => it.getBoundingClientRect())
      .map(({ left, top, right, bottom }) => ({ left, top, right, bottom })),
  )

const within = (inner: Box, outer: Box) =>
  outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right && outer.bottom >= inner.bottom

/** Where the first answer begins: that is to be seen. */
const answer = () =>
  page
    .locator('svg rect.fill-none')
    .first()
    .evaluate((it) => it.getBoundingClientRect().top)

it('covers the name on the picture, and writes it nowhere', async () => {
  const name = await nameOnScreen()
  expect((await covers()).filter((it) => within(name, it))).not.toEqual([])
  const text = await page.evaluate(() => document.documentElement.innerText + document.title)
  const labels = await page
    .locator('[aria-label], [alt], [title]')
    .evaluateAll((all) =>
      all.flatMap((it) => ['aria-label', 'alt', 'title'].map((attribute) => it.getAttribute(attribute) ?? '')),
    )
  for (const part of [...WRITER.split(' '), '24-0113']) {
    expect(text).not.toContain(part)
    expect(labels.join('\n')).not.toContain(part)
  }
  expect(await page.getByText('No name was recognized').count()).toBe(0)
  // And the page is whole again for whoever wants to see it.
  await page.getByLabel('Hide names').uncheck()
  await page.getByText(WRITER).first().waitFor()
  expect(await covers()).toEqual([])
  await page.getByLabel('Hide names').check()
})

it('covers the head of the page where no name was recognized, and says that one may show', async () => {
  const name = await nameOnScreen()
  const first = await answer()
  await page.route(`**${script}/reading`, (route) => {
    const pages = reading.pages.map((it) => ({ ...it, lines: it.lines.filter((line) => !isName(line)) }))
    return route.fulfill({ contentType: 'application/json', body: JSON.stringify({ pages }) })
  })
  await page.route(`**${script}/feedback`, async (route) => {
    const found = await route.fetch()
    const body = (await found.json()) as { feedback: object }
    await route.fulfill({ response: found, json: { ...body, feedback: { ...body.feedback, tray: [] } } })
  })
  await page.goto(desk)
  await page.getByText('No name was recognized on this script.').waitFor()
  await settled(page)
  const found = await nameOnScreen()
  const lying = await covers()
  expect(lying.filter((it) => within(found, it))).not.toEqual([])
  // Nothing of the answers is covered.
  expect(Math.max(...lying.map((it) => it.bottom))).toBeLessThan(first + found.top - name.top)
  await accessible(page, 'grade, without a name')
  await page.setViewportSize(PHONE)
  await page.emulateMedia({ colorScheme: 'dark' })
  await accessible(page, 'grade, without a name, on a phone in the dark')
})
