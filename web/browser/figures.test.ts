// Figures and times as whoever looks at them needs them: as a table, and by the clock on their wall.
import { afterAll, beforeAll, expect, it } from 'vitest'

import { accessible, launch, logIn, person, school, settled, type Browser, type School } from './world'

let browser: Browser
let found: School

beforeAll(async () => {
  browser = await launch()
  found = await school([
    '1. The mitochondria.\n2. Books became cheaper and people learned to read.\n',
    '1. The nucleus.\n2. Books became cheaper.\n',
    '1. The mitochondria.\n2. It was fast.\n',
  ])
})
afterAll(() => browser.close())

const number = (value: number) => new Intl.NumberFormat('en', { maximumFractionDigits: 2 }).format(value)
const percent = (share: number) =>
  new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 }).format(share)
const mean = (values: number[]) => values.reduce((sum, it) => sum + it, 0) / values.length

type Submission = {
  outcome: { marks: number; max_marks: number; answers: Record<string, { marks: number; max_marks: number }> }
}

it('shows the statistics as a table, with the same numbers', async () => {
  const assessment = `/v1/orgs/${found.org}/assessments/${found.assessment}`
  const { items } = await found.api.call<{ items: Submission[] }>('GET', `${assessment}/submissions`)
  expect(items).toHaveLength(3)
  const { page, context, calm } = await person(browser)
  await logIn(page, found.api.email)
  await page.goto(`/o/${found.org}/assessments/${found.assessment}/statistics`)
  await settled(page)
  expect(await page.getByRole('table', { name: 'Marks by question' }).count()).toBe(0)
  await page.getByText('Table', { exact: true }).click()

  const rows = (table: string) =>
    page
      .getByRole('table', { name: table })
      .locator('tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText)))
  await page.getByRole('table', { name: 'Marks by question' }).waitFor()
  const questions = await rows('Marks by question')
  for (const [i, label] of ['1', '2'].entries()) {
    const answers = items.map(({ outcome }) => outcome.answers[label] ?? { marks: NaN, max_marks: NaN })
    const [marks, most] = [mean(answers.map((it) => it.marks)), answers[0]?.max_marks ?? NaN]
    const expected = [label, '3', `${number(marks)} / ${number(most)}`, percent(marks / most)]
    expect(questions[i]?.slice(0, 4), `question ${label}`).toEqual(expected)
  }
  // Every script is in the one part of the distribution that its marks are in.
  const bins = await rows('Distribution of marks')
  for (const [i, [range = '', count]] of bins.entries()) {
    const [from = NaN, to = NaN] = range.split('–').map(Number)
    const isLast = i === bins.length - 1
    const within = items.filter(({ outcome: { marks } }) => marks >= from && (marks < to || (isLast && marks === to)))
    expect(Number(count), `${range} marks`).toBe(within.length)
  }
  expect(bins.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(3)
  expect(await page.locator('svg.recharts-surface').count()).toBe(0)
  await accessible(page, 'statistics, as a table')
  calm()
  await context.close()
})

it('shows times in the zone of who looks at them', async () => {
  const assessment = `/v1/orgs/${found.org}/assessments/${found.assessment}`
  await found.api.call('POST', `${assessment}/release`, { undecided: 'include' })
  const { assessment: shown } = await found.api.call<{ assessment: { release: { released_at: string } } }>(
    'GET',
    assessment,
  )
  const at = new Date(shown.release.released_at)
  const said: string[] = []
  for (const timezoneId of ['Asia/Tokyo', 'America/New_York']) {
    const { page, context } = await person(browser, { timezoneId })
    await logIn(page, found.api.email)
    await page.goto(`/o/${found.org}/assessments/${found.assessment}/release`)
    const when = page.locator('dt', { hasText: 'When' }).locator('xpath=following-sibling::dd[1]')
    const time = new Intl.DateTimeFormat('en', {
      dateStyle: 'medium',
      timeStyle: 'short',
      timeZone: timezoneId,
    }).format(at)
    const plain = (text: string) => text.replace(/\s/g, ' ')
    expect(plain(await when.innerText()), timezoneId).toBe(plain(time))
    said.push(time)
    await context.close()
  }
  expect(said[0]).not.toBe(said[1])
})
