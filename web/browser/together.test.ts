// Several people grade one assessment at once: they see each other, never overwrite silently, and share their comments.
import { afterAll, beforeAll, expect, it } from 'vitest'

import {
  accessible,
  Api,
  GUIDE,
  launch,
  link,
  logIn,
  PASSWORD,
  person,
  picture,
  school,
  settled,
  unique,
  type Browser,
  type School,
  type Page,
} from './world'

let browser: Browser
let found: School
let colleague: string
let one: Awaited<ReturnType<typeof person>>
let two: Awaited<ReturnType<typeof person>>

beforeAll(async () => {
  browser = await launch()
  found = await school([
    '1. The mitochondria.\n2. Books were cheaper to buy and so many more people could learn reading.\n',
    '1. The nucleus.\n2. It was fast.\n',
  ])
  colleague = unique('colleague')
  await found.api.call('POST', `/v1/orgs/${found.org}/invites`, { invites: [{ email: colleague, role: 'admin' }] })
  const token = new URL(await link(colleague, 'invited')).hash.replace('#token=', '')
  await new Api(colleague).call('POST', '/v1/auth/accept-invite', {
    token,
    password: PASSWORD,
    name: 'Grace Mbeki',
  })
  ;[one, two] = [await person(browser), await person(browser)]
  await logIn(one.page, found.api.email)
  await logIn(two.page, colleague)
})
afterAll(() => browser.close())

const at = (script: number, question: string) =>
  `/o/${found.org}/assessments/${found.assessment}/grade?order=student&at=${found.submissions[script]}:${question}`

it('shows two people at one script each other, and nobody at another', async () => {
  await one.page.goto(at(0, '2'))
  await settled(one.page)
  expect(await one.page.getByText('looking at this script too').count()).toBe(0)
  await two.page.goto(at(0, '1'))
  await two.page.getByText('teacher is looking at this script too.').waitFor()
  // It is said again after ten seconds at the latest.
  await one.page.getByText('Grace Mbeki is looking at this script too.').waitFor()
  await accessible(one.page, 'grade, two at one script')
  await two.page.goto(at(1, '1'))
  await two.page.getByRole('button', { name: 'Confirm' }).waitFor()
  await settled(two.page)
  expect(await two.page.getByText('looking at this script too').count()).toBe(0)
  await one.page.getByText('looking at this script too').waitFor({ state: 'detached', timeout: 45_000 })
})

it('tells who has decided meanwhile, and overwrites nothing silently', async () => {
  for (const { page } of [one, two]) {
    await page.goto(at(0, '2'))
    await page.getByRole('button', { name: 'Confirm' }).waitFor()
  }
  const version = async () => {
    const path = `/v1/orgs/${found.org}/assessments/${found.assessment}/submissions/${found.submissions[0]}`
    const { outcome } = await found.api.call<{ outcome: { answers: Record<string, { version: number }> } }>('GET', path)
    return outcome.answers['2']?.version ?? 0
  }
  const before = await version()
  await one.page.keyboard.press('1')
  await two.page.keyboard.press('2')
  await one.page.keyboard.press('Enter')
  // His has arrived before hers is sent.
  await expect.poll(version).toBe(before + 1)
  await two.page.keyboard.press('Enter')
  await two.page.getByText(/^teacher has decided about this answer/).waitFor()
  await two.page.getByRole('button', { name: 'Keep theirs' }).click()
  await two.page.getByText(/has decided about this answer/).waitFor({ state: 'detached' })
  expect(await version()).toBe(before + 1)
})

const comment = (page: Page) => page.getByLabel('Comment', { exact: true }).inputValue()

it('keeps a comment, for the colleague too, with keys alone', async () => {
  await one.page.goto(at(1, '1'))
  await one.page.getByRole('button', { name: 'Confirm' }).waitFor()
  await one.page.keyboard.press('c')
  await one.page.keyboard.type('Name the organelle.')
  await one.page.keyboard.press('Escape')
  await one.page.keyboard.press('s')
  await one.page.getByText('The comment is kept for this assessment.').waitFor()
  await one.page.getByRole('list', { name: 'Comment bank' }).getByText('Name the organelle.').waitFor()
  await accessible(one.page, 'grade, comment bank')
  await picture(one.page, 'comment-bank')

  // In another assessment it is offered to whoever asks for it.
  const comments = `/v1/orgs/${found.org}/assessments`
  const next = await found.api.call<{ id: string }>('POST', comments, { title: 'Cells, next year' })
  await found.api.call('POST', `${comments}/${next.id}/comments`, { text: 'See the drawing in chapter two.' })
  await one.page.reload()
  await one.page.getByLabel('Comments of another assessment').selectOption('Cells, next year')
  await one.page.getByRole('button', { name: 'See the drawing in chapter two.' }).click()
  await expect.poll(() => comment(one.page)).toBe('See the drawing in chapter two.')
  await one.page.getByLabel('Comments of another assessment').selectOption('')
  await one.page.getByRole('button', { name: 'See the drawing' }).waitFor({ state: 'detached' })

  await two.page.goto(at(1, '2'))
  await two.page.getByRole('list', { name: 'Comment bank' }).waitFor()
  await two.page.keyboard.press('b')
  await two.page.keyboard.press('Enter')
  await expect.poll(() => comment(two.page)).toBe('Name the organelle.')
  await two.page.keyboard.press('Escape')
  await two.page.keyboard.press('b')
  await two.page.keyboard.press('Delete')
  await two.page.getByText('Deleted from the bank.').waitFor()
  await two.page.getByRole('list', { name: 'Comment bank' }).waitFor({ state: 'detached' })
  await one.page.reload()
  await settled(one.page)
  expect(await one.page.getByRole('list', { name: 'Comment bank' }).count()).toBe(0)
})

it('keeps what one has written in the guide when the colleague publishes another version', async () => {
  const { page } = one
  await page.goto(`/o/${found.org}/assessments/${found.assessment}/guide`)
  const marks = page.getByLabel('Question as the student sees it').first()
  await marks.fill('Name the organelle that releases energy.')
  await found.api.call('POST', `/v1/orgs/${found.org}/assessments/${found.assessment}/guides`, {
    ...GUIDE,
    questions: GUIDE.questions.map((it) =>
      it.label === '2' ? { ...it, text: 'How did printing change society?' } : it,
    ),
  })
  // Before it is published, one sees what of the colleague's would be gone.
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await page.getByRole('dialog').getByText('How did printing change society?').waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('Somebody else has published version 2 meanwhile').waitFor()
  expect(await marks.inputValue()).toBe('Name the organelle that releases energy.')
  await accessible(page, 'guide, overtaken')
  await page.getByRole('button', { name: 'Cast off my changes' }).click()
  await page.getByText('Version 2').waitFor()
  await expect
    .poll(() => page.getByLabel('Question as the student sees it').first().inputValue())
    .toBe(GUIDE.questions[0]?.text)
})

it('has made no error in the page on the way', () => {
  one.calm()
  two.calm()
})
