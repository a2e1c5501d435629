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

it('says that a part of the scripts is missing, and shows no figures of the others alone', async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  const base = `/v1/orgs/${found.org}/assessments/${found.assessment}/submissions`
  const { items } = await found.api.call<{ items: Record<string, unknown>[] }>('GET', base)
  let isBroken = true
  let refused = 0
  await page.route(`**${base}?*`, (route) => {
    const isFirst = !new URL(route.request().url()).searchParams.get('cursor')
    if (!isFirst && isBroken) {
      refused++
      return route.abort('internetdisconnected')
    }
    const body = {
      items: items.map((it) => ({ ...it, id: isFirst ? it.id : 'sub_next' })),
      cursor: isFirst ? 'next' : null,
    }
    return route.fulfill({ contentType: 'application/json', body: JSON.stringify(body) })
  })
  await page.goto(`/o/${found.org}/assessments/${found.assessment}`)
  await page.getByText(/No answer: the network/).waitFor()
  expect(await page.locator('li[aria-setsize="1"]').count()).toBe(1)
  // The other page fetches them anew, three times in vain.
  const before = refused
  await page.getByRole('link', { name: 'Statistics' }).click()
  await page.waitForURL(/\/statistics$/)
  await expect.poll(() => refused).toBeGreaterThanOrEqual(before + 3)
  await page.getByText(/No answer: the network/).waitFor()
  expect(await page.getByText('Median').count()).toBe(0)
  isBroken = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('Median').waitFor()
  await page.getByRole('link', { name: 'Scripts', exact: true }).click()
  await page.locator('li[aria-setsize="2"]').first().waitFor()
  await context.close()
})
