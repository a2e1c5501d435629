// What one notices only when it is missing: room at 200 %, stillness for who wants it, a focus that goes where the eye
// goes, and files that come as folders or from a camera.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, it } from 'vitest'

import {
  accessible,
  DESKTOP,
  handwriting,
  inRepository,
  launch,
  logIn,
  person,
  PHONE,
  school,
  settled,
  type Browser,
  type Page,
  type School,
} from './world'

let browser: Browser
let found: School
/** An assessment with a page of handwriting. */
let handwritten: { assessment: string; submission: string }

beforeAll(async () => {
  browser = await launch()
  found = await school([
    '1. The mitochondria.\n2. Books became cheaper and people learned to read.\n',
    '1. In the ribosome I think.\n2. It changed a lot of things for many people.\n',
    'No label here at all.\n1. A nucleus.\n2. Newspapers were printed.\n',
  ])
  handwritten = await handwriting(found)
})
afterAll(() => browser.close())

/** Every main screen by its name. */
function screens(): [string, string][] {
  const of = (path: string) => `/o/${found.org}${path}`
  const assessment = (path: string) => of(`/assessments/${found.assessment}${path}`)
  return [
    ['dashboard', of('')],
    ['assessments', of('/assessments')],
    ['scripts', assessment('')],
    ['guide', assessment('/guide')],
    ['hand in', assessment('/upload')],
    ['whose', assessment('/whose')],
    ['review', assessment('/review')],
    ['lines', assessment(`/lines/${found.submissions[2]}`)],
    ['statistics', assessment('/statistics')],
    ['release', assessment('/release')],
    ['grade', of(`/assessments/${handwritten.assessment}/grade?order=student&at=${handwritten.submission}:2`)],
    ['students', of('/students')],
    ['people', of('/people')],
    ['teams', of('/teams')],
    ['api keys', of('/api-keys')],
    ['settings', of('/settings')],
    ['plan', of('/plan')],
    ['audit', of('/audit')],
    ['privacy', of('/privacy')],
    ['account', '/account'],
    ['my data', '/privacy'],
    ['organizations', '/organizations'],
  ]
}

const BESIDES = [
  ['dark', { viewport: DESKTOP, colorScheme: 'dark' }],
  ['light', { viewport: DESKTOP, colorScheme: 'light' }],
] as const

/** What reaches over the window's edge and can't be scrolled to, or is cut off by what it stands in. */
const cutOff = () => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
  const cut: string[] = wide > 1 ? [`the page is ${wide} pixels too wide`] : []
  const isHidden = (it: Element) => it.closest('.sr-only, [aria-hidden=true], [hidden]') !== null
  for (const it of document.querySelectorAll<HTMLElement>('a, button, input, select, textarea, h1, h2, h3, label')) {
    const box = it.getBoundingClientRect()
    if (box.width === 0 || box.height === 0 || isHidden(it) || it.tabIndex < 0) continue
    const name = `${it.tagName.toLowerCase()} “${(it.innerText || it.getAttribute('aria-label') || '').slice(0, 40)}”`
    const clips = (outer: Element) => /auto|scroll/.test(getComputedStyle(outer).overflowX)
    let outer: Element | null = it.parentElement
    while (outer && !clips(outer)) outer = outer.parentElement
    if (!outer && (box.right > innerWidth + 1 || box.left < -1)) cut.push(`${name} reaches over the edge`)
    // A text that is shortened with dots is meant to be; one that is cut in the middle of a letter is not.
    const style = getComputedStyle(it)
    const isShortened = style.textOverflow === 'ellipsis'
    if (style.overflowX === 'hidden' && !isShortened && it.scrollWidth > it.clientWidth + 1) cut.push(`${name} is cut`)
  }
  return cut
}

/** Looks at every screen, and keeps a picture of it if `LOOK` says where. */
async function look(page: Page, folder: string, check: (name: string) => Promise<void>) {
  for (const [name, path] of screens()) {
    await page.goto(path)
    await page.locator('h1').first().waitFor({ state: 'attached' })
    await settled(page)
    await check(name)
    if (process.env.LOOK) {
      const file = `${process.env.LOOK}/${folder}/${name.replaceAll(' ', '-')}.png`
      await page.screenshot({ path: file, fullPage: name !== 'grade' })
    }
  }
}

it('has room for everything at 200 % and on a phone', { timeout: 400_000 }, async () => {
  const large = { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }
  for (const [folder, options] of [
    ['zoom', { ...large, colorScheme: 'light' }],
    ['phone-dark', { viewport: PHONE, colorScheme: 'dark' }],
    // At this size the other tests look at every screen; here only for a person who wants to see them all.
    ...(process.env.LOOK ? BESIDES : []),
  ] as const) {
    const { page, context, calm } = await person(browser, options)
    await logIn(page, found.api.email)
    await look(page, folder, async (name) => {
      expect.soft(await page.evaluate(cutOff), `${folder}: ${name}`).toEqual([])
      if (name === 'grade') {
        const room = (await page.getByRole('region', { name: 'Question 2' }).boundingBox())?.height ?? 0
        expect.soft(room, `${folder}: room for the criteria`).toBeGreaterThan(120)
      }
      if (folder === 'phone-dark') await accessible(page, `${name}, on a phone in the dark`)
    })
    calm()
    await context.close()
  }
})

it('keeps still for who wants less motion', async () => {
  const { page, context } = await person(browser, { reducedMotion: 'reduce' })
  // Everything that moves from the first paint on, by the time that it takes.
  await context.addInitScript(() => {
    const moved = new Set<string>()
    Object.assign(window, { moved })
    const watch = () => {
      for (const it of document.getAnimations()) {
        const { activeDuration } = it.effect?.getComputedTiming() ?? {}
        const target = (it.effect as KeyframeEffect | null)?.target
        if (Number(activeDuration) > 1)
          moved.add(`${target?.tagName} ${target?.className}: ${String(activeDuration)} ms`)
      }
      requestAnimationFrame(watch)
    }
    watch()
  })
  await logIn(page, found.api.email)
  for (const [name, path] of screens()) {
    await page.goto(path)
    await settled(page)
    for (const button of await page.getByRole('button').all()) {
      if (await button.isVisible()) await button.hover({ trial: false, timeout: 2000 }).catch(() => undefined)
      break
    }
    const moved = await page.evaluate(() => [...(window as unknown as { moved: Set<string> }).moved])
    expect.soft(moved, name).toEqual([])
  }
  await context.close()
})

type Stop = { name: string; place: string; seen: boolean; ringed: boolean; jumps: string }

/** Where the focus is, and whether it has jumped back; none when it has left the page. */
const focused = (): Stop | null => {
  const it = document.activeElement as HTMLElement | null
  if (!it || it === document.body) return null
  const name = (of: Element) =>
    `${of.tagName.toLowerCase()} ${of.getAttribute('aria-label') ?? (of as HTMLElement).innerText?.slice(0, 30) ?? ''}`.trim()
  const box = it.getBoundingClientRect()
  const within = (low: number, high: number, most: number) => (Math.max(low, 0) + Math.min(high, most - 1)) / 2
  const top = document.elementFromPoint(
    within(box.left, box.right, innerWidth),
    within(box.top, box.bottom, innerHeight),
  )
  const style = getComputedStyle(it)
  // Both are measured now, since the focus scrolls what it goes to into view.
  const panel = (of: Element) => of.closest('nav, header, dialog, [role=region], main')
  const last = (window as unknown as { last?: Element }).last
  let jumps = ''
  if (last?.isConnected && panel(last) === panel(it)) {
    const before = last.getBoundingClientRect()
    const isBelow = box.top >= before.bottom - 4
    const isBeside = box.bottom >= before.top - 1 && box.left >= before.left - 1
    const isNextColumn = box.left >= before.right - 1
    if (!isBelow && !isBeside && !isNextColumn && !last.contains(it)) jumps = `${name(last)} → ${name(it)}`
  }
  Object.assign(window, { last: it })
  return {
    name: name(it),
    place: [box.left, box.top + scrollY].map(Math.round).join(),
    seen: box.width > 0 && box.height > 0 && top !== null && (it.contains(top) || top.contains(it)),
    // The browser itself draws the ring around the button within a field for a date.
    ringed: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || it.matches('[type=date]'),
    jumps,
  }
}

/** Goes through a page with the Tab key until it is through. */
async function tabThrough(page: Page): Promise<Stop[]> {
  const stops: Stop[] = []
  for (let i = 0; i < 150; i++) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(focused)
    if (!stop) return stops
    if (stop.name === stops[0]?.name && stop.place === stops[0].place) return stops
    stops.push(stop)
  }
  throw new Error(`the focus is trapped: ${JSON.stringify(stops.slice(-4).map((it) => it.name))}`)
}

it('moves the focus as the eye goes, always visible, and never traps it', { timeout: 300_000 }, async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  for (const [name, path] of screens()) {
    await page.goto(path)
    await settled(page)
    const stops = await tabThrough(page)
    expect(stops.length, name).toBeGreaterThan(3)
    expect
      .soft(
        stops.filter((it) => !it.ringed).map((it) => it.name),
        `${name}: focus without a ring`,
      )
      .toEqual([])
    expect
      .soft(
        stops.filter((it) => !it.seen).map((it) => it.name),
        `${name}: focus that is covered`,
      )
      .toEqual([])
    // Within a panel: from top to bottom, on one height from left to right, and column after column.
    expect.soft(stops.map((it) => it.jumps).filter(Boolean), `${name}: focus that jumps back`).toEqual([])
  }
  await context.close()
})

it('gives the focus back when a dialog closes', async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  const of = Object.fromEntries(screens())
  for (const [screen, button] of [
    ['assessments', 'New assessment'],
    ['guide', 'Import'],
    ['grade', 'Keys'],
    ['students', 'Import a roster'],
    ['people', 'Invite people'],
    ['teams', 'New team'],
    ['api keys', 'New key'],
    ['my data', 'Delete my account'],
  ] as const) {
    await page.goto(of[screen] ?? '')
    await settled(page)
    const opener = page.getByRole('button', { name: button }).first()
    await opener.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    expect(await dialog.evaluate((it) => it.contains(document.activeElement)), `${screen}: focus inside`).toBe(true)
    // Tab stays inside, or goes to the browser's own buttons.
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press('Tab')
      const isOutside = await dialog.evaluate(
        (it) => document.activeElement !== document.body && !it.contains(document.activeElement),
      )
      expect(isOutside, `${screen}: focus behind the dialog`).toBe(false)
    }
    const isBack = () => opener.evaluate((it) => it === document.activeElement)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect.soft(await isBack(), `${screen}: focus is back`).toBe(true)
    // By its own button too.
    await page.keyboard.press('Enter')
    await dialog.getByRole('button', { name: 'Close' }).first().click()
    await dialog.waitFor({ state: 'detached' })
    expect.soft(await isBack(), `${screen}: focus is back after closing`).toBe(true)
  }
  await context.close()
})

it('lights up evidence from its criterion and back, and no wheel changes a mark', async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  const of = Object.fromEntries(screens())
  await page.goto(of.grade ?? '')
  await page.locator('polygon[data-criterion]').first().waitFor()
  await settled(page)
  const box = page.locator('polygon[data-criterion]').first()
  const criterion = await box.getAttribute('data-criterion')
  const card = page.locator(`#criterion-${criterion}`)
  await card.hover()
  await expect.poll(() => box.getAttribute('stroke-width')).toBe('5')
  await page.mouse.move(2, 2)
  await expect.poll(() => box.getAttribute('stroke-width')).toBe('2.5')
  // Its edge too can be pointed at.
  const place = await box.boundingBox()
  await page.mouse.move((place?.x ?? 0) + (place?.width ?? 0) / 2, (place?.y ?? 0) + (place?.height ?? 0) / 2)
  await page.locator(`#criterion-${criterion}[data-active]`).waitFor()

  for (const [screen, name] of [
    ['grade', 'Marks for criterion 1'],
    ['guide', 'Marks'],
  ] as const) {
    await page.goto(of[screen] ?? '')
    await settled(page)
    const field = page.getByLabel(name, { exact: true }).first()
    const was = await field.inputValue()
    await field.click()
    for (const way of [240, -240, 600]) await page.mouse.wheel(0, way)
    await page.waitForTimeout(200)
    expect(await field.inputValue(), screen).toBe(was)
  }
  await context.close()
})

it('takes a folder that is dropped, and photographs from a camera', async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  await page.goto(`/o/${found.org}/assessments/${found.assessment}/upload`)
  await settled(page)
  const folder = mkdtempSync(join(tmpdir(), 'class-'))
  for (const name of ['ada', 'ben', 'cleo']) writeFileSync(join(folder, `${name}.txt`), '1. The nucleus.\n')
  const place = await page.getByRole('group', { name: /Drop/ }).first().boundingBox()
  const at = { x: (place?.x ?? 0) + 20, y: (place?.y ?? 0) + 20 }
  const cdp = await context.newCDPSession(page)
  // As a file manager does: the folder itself, not its files.
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    const data = { items: [], files: [folder], dragOperationsMask: 1 }
    await cdp.send('Input.dispatchDragEvent', { type, ...at, data })
  }
  await page.getByRole('button', { name: 'Hand in 3 scripts' }).waitFor()

  const camera = page.locator('input[type=file][capture=environment]')
  expect(await camera.getAttribute('accept')).toContain('image/jpeg')
  const photo = {
    name: 'image.jpg',
    mimeType: 'image/jpeg',
    buffer: readFileSync(inRepository('tests/bad-files/kept/good.jpg')),
  }
  await camera.setInputFiles(photo)
  await page.getByRole('button', { name: 'Hand in 4 scripts' }).waitFor()
  // The next photograph is a page of the same script, even one with the same name.
  await camera.setInputFiles(photo)
  const script = page.locator('li', { has: page.locator('img[alt*="image.jpg"]') }).first()
  await expect.poll(() => script.locator('ol img').count()).toBe(2)
  await page.getByRole('button', { name: 'Hand in 4 scripts' }).waitFor()
  await context.close()
})
