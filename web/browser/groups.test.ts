// A person decides about many answers at once: as few as the acceptable disagreement asks for, and groups that say the
// same.
import { afterAll, beforeAll, expect, it } from 'vitest'

import { accessible, launch, logIn, person, PHONE, picture, school, settled, type Browser, type School } from './world'

const READS = '2. Books became cheaper, so more people learned to read.\n'
const TEXTS = [
  `1. The mitochondria.\n${READS}`,
  `1. the mitochondria\n${READS}`,
  `1. Mitochondria.\n${READS}`,
  '1. The nucleus.\n2. It was fast.\n',
  '1. The cell wall.\n2. It was loud.\n',
]

let browser: Browser
let found: School
let one: Awaited<ReturnType<typeof person>>

beforeAll(async () => {
  browser = await launch()
  found = await school(TEXTS)
  one = await person(browser)
  await logIn(one.page, found.api.email)
})
afterAll(() => browser.close())

type Standing = { marks: number; decided_by: string | null }
const standing = async (script: number, question: string) => {
  const path = `/v1/orgs/${found.org}/assessments/${found.assessment}/submissions/${found.submissions[script]}`
  const { outcome } = await found.api.call<{ outcome: { answers: Record<string, Standing> } }>('GET', path)
  return outcome.answers[question]
}
/** How many answers to a question somebody has decided about. */
const decided = async (question: string) => {
  const all = await Promise.all(TEXTS.map((_, i) => standing(i, question)))
  return all.filter((it) => it?.decided_by).length
}
const base = () => `/o/${found.org}/assessments/${found.assessment}`
const group = (text: string) => {
  const { page } = one
  return page
    .locator('main li')
    .filter({ has: page.locator('h2, blockquote').filter({ hasText: new RegExp(`^${text}$`) }) })
}

it('says how many answers a person must see, and shows those', async () => {
  const { page } = one
  await page.goto(`${base()}/review`)
  await page.getByLabel('Acceptable disagreement').selectOption({ label: '0%' })
  await page.getByText('10 answers are still to be seen.').waitFor()
  await accessible(page, 'review plan')
  await picture(page, 'review-plan')
  await page.getByRole('link', { name: 'See them: question 2' }).click()
  await page.getByText('1 of 5').waitFor()
  await page.getByRole('button', { name: 'Confirm' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByText('2 of 5').waitFor()
  await expect.poll(() => decided('2')).toBe(1)
  await page.goto(`${base()}/review`)
  await page.getByText('9 answers are still to be seen.').waitFor()
  await page.getByLabel('Acceptable disagreement').selectOption({ label: '50%' })
  await page.getByText('0 answers are still to be seen.').waitFor()
  expect(await page.getByRole('link', { name: /^See them/ }).count()).toBe(0)
})

it('confirms a group of answers at once', async () => {
  const { page } = one
  await page.goto(`${base()}/review`)
  await page.getByRole('link', { name: 'Answer groups' }).click()
  await page.getByText('5 answers in 3 groups').waitFor()
  await settled(page)
  await accessible(page, 'answer groups')
  await picture(page, 'answer-groups')
  await group('3 answers').getByRole('button', { name: 'Confirm 3' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Confirm 3' }).click()
  await page.getByText('3 answers are confirmed.').waitFor()
  await group('3 answers').getByText('0 to decide').waitFor()
  expect(await Promise.all([0, 1, 2].map(async (i) => (await standing(i, '1'))?.decided_by))).not.toContain(null)
  expect((await standing(3, '1'))?.decided_by).toBeNull()
})

it('merges two groups, and gives both other marks with a comment', async () => {
  const { page } = one
  const wrong = group('The nucleus.')
  await wrong.getByText('Who is in it').click()
  await wrong.getByLabel('All of them').check()
  await wrong.getByLabel('Into the group').selectOption({ label: 'The cell wall.' })
  await page.getByText('One answer is moved.').waitFor()
  await page.getByText('5 answers in 2 groups').waitFor()
  const merged = group('2 answers')
  await merged.getByText('2 to decide').waitFor()
  await merged.getByRole('button', { name: 'Give other marks' }).click()
  const dialog = page.getByRole('dialog')
  await accessible(page, 'other marks for a group')
  expect(await dialog.getByRole('button', { name: 'Save for 2' }).isDisabled()).toBe(true)
  await dialog.getByRole('button', { name: 'More for criterion 1' }).click()
  await dialog.getByLabel('Comment').fill('A part of a cell, but not the one that was asked for.')
  await dialog.getByRole('button', { name: 'Save for 2' }).click()
  await dialog.waitFor({ state: 'detached' })
  await merged.getByText('0 to decide').waitFor()
  expect([(await standing(3, '1'))?.marks, (await standing(4, '1'))?.marks]).toEqual([0.5, 0.5])
})

it('moves an answer out of its group', async () => {
  const { page } = one
  const large = group('3 answers')
  await large.getByText('Who is in it').click()
  await large.getByLabel('Choose the answer of Student 2').check()
  await large.getByRole('button', { name: 'Into a group of their own' }).click()
  await page.getByText('5 answers in 3 groups').waitFor()
  await page.setViewportSize(PHONE)
  await page.emulateMedia({ colorScheme: 'dark' })
  await accessible(page, 'answer groups, dark, phone')
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(overflow).toBeLessThanOrEqual(0)
})

it('takes back one of many decisions that were made at once', async () => {
  const { page } = one
  await page.goto(`${base()}/grade?order=student&at=${found.submissions[1]}:1`)
  await page.getByRole('button', { name: 'Take the decision back' }).click()
  await page.getByText('Undone.').waitFor()
  await expect.poll(async () => (await standing(1, '1'))?.decided_by).toBeNull()
  expect((await standing(0, '1'))?.decided_by).not.toBeNull()
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await standing(1, '1'))?.decided_by).not.toBeNull()
})

it('has made no error in the page on the way', () => one.calm())
