// A list of five thousand scripts.
import { afterAll, beforeAll, expect, it } from 'vitest'

import { launch, logIn, person, school, type Browser, type School } from './world'

let browser: Browser
let found: School

beforeAll(async () => {
  browser = await launch()
  found = await school(['1. The mitochondria.\n2. Books became cheaper.\n'])
})
afterAll(() => browser.close())

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
