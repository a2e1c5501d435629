// From the first account to a student who reads the feedback, as people do it: in the browser, and the review with the
// keyboard alone. On the way axe looks at every screen.
import { readFileSync } from 'node:fs'

import { afterAll, beforeAll, expect, it } from 'vitest'

import {
  accessible,
  inRepository,
  launch,
  link,
  PASSWORD,
  person,
  picture,
  setPlan,
  settled,
  unique,
  WEB,
  type Browser,
  type Page,
} from './world'

type Student = { student_number: string; student_name: string; files: { path: string }[] }
const CLASS = JSON.parse(readFileSync(inRepository('tests/sample-class/class.json'), 'utf8')) as Student[]
const TEACHER = unique('teacher')
const GRADER = unique('grader')
const STUDENT = unique('amara')

let browser: Browser
let teacher: Page
let calm: () => void
let org: string
let assessment: string

beforeAll(async () => {
  browser = await launch()
  ;({ page: teacher, calm } = await person(browser))
})
afterAll(() => browser.close())

/** Opens a mailed link in the page. */
const open = (page: Page, address: string) => page.goto(address.replace(WEB, ''))

it('makes an account, verifies its address, and logs in', async () => {
  await teacher.goto('/register')
  await accessible(teacher, 'register')
  await teacher.getByLabel('Name').fill('Ada Marsh')
  await teacher.getByLabel('E-mail address').fill(TEACHER)
  await teacher.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await teacher.getByRole('button', { name: 'Make an account' }).click()
  await teacher.getByText(`We have written to ${TEACHER}`).waitFor()
  await accessible(teacher, 'register, sent')
  await open(teacher, await link(TEACHER, 'Verify'))
  await teacher.getByText('Your address is verified').waitFor()
  await accessible(teacher, 'log-in')
  await teacher.getByLabel('E-mail address').fill(TEACHER)
  await teacher.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await teacher.getByRole('button', { name: 'Log in' }).click()
  await teacher.getByText('You are in no organization yet').waitFor()
  await accessible(teacher, 'choose an organization')
  await teacher.getByLabel('Name of the organization').fill('Harbour School')
  await teacher.getByRole('button', { name: 'Make it' }).click()
  await teacher.getByRole('heading', { name: 'Hello, Ada' }).waitFor()
  org = /org_\w+/.exec(teacher.url())?.[0] ?? ''
  expect(org).not.toBe('')
  // What follows needs more than the free plan has.
  setPlan(org, 'school')
})

it('keeps no token where a script could find it, and stays logged in over a reload', async () => {
  const kept = await teacher.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie)
  expect(kept).not.toMatch(/eyJ|token/i)
  await teacher.reload()
  await teacher.getByRole('heading', { name: 'Hello, Ada' }).waitFor()
})

it('invites a grader, who makes an account with the mail', async () => {
  await teacher.goto(`/o/${org}/people`)
  await teacher.getByRole('button', { name: 'Invite people' }).click()
  await teacher.getByLabel('E-mail addresses').fill(GRADER)
  await accessible(teacher, 'invite')
  await teacher.getByRole('button', { name: 'Send the invitation' }).click()
  await teacher.getByText('The invitation is on its way.').waitFor()
  await teacher.getByRole('button', { name: 'Done' }).click()
  const { page, context } = await person(browser)
  await open(page, await link(GRADER, 'invited'))
  await page.getByText('Harbour School invites').waitFor()
  await accessible(page, 'accept an invitation')
  await page.getByLabel('Name').fill('Ben Okoro')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByRole('heading', { name: 'Hello, Ben' }).waitFor()
  // What the role doesn't allow isn't there.
  expect(await page.getByRole('link', { name: 'API keys' }).count()).toBe(0)
  expect(await page.getByRole('link', { name: 'Plan' }).count()).toBe(0)
  await context.close()
})

it('imports the roster after a preview', async () => {
  await teacher.goto(`/o/${org}/students`)
  await teacher.getByText('The roster is empty').waitFor()
  await teacher.getByRole('button', { name: 'Import a roster' }).click()
  const rows = CLASS.map((it, i) => `${it.student_number};${it.student_name};${i === 0 ? STUDENT : ''}`)
  const csv = ['number;name;email', ...rows].join('\n')
  await teacher
    .locator('input[type=file]')
    .setInputFiles({ name: 'class.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
  await teacher.getByText(`${CLASS.length} new`).waitFor()
  await accessible(teacher, 'roster preview')
  await teacher.getByRole('button', { name: 'Do exactly this' }).click()
  await teacher.getByText(`${CLASS.length} students`).waitFor()
  await accessible(teacher, 'students')
})

it('makes an assessment and imports its guide', async () => {
  await teacher.goto(`/o/${org}/assessments`)
  await settled(teacher)
  await accessible(teacher, 'assessments, none')
  await teacher.getByRole('button', { name: 'New assessment' }).first().click()
  await teacher.getByLabel('Title').fill('Year 9 general paper')
  await teacher.getByRole('button', { name: 'Make the assessment' }).click()
  await teacher.waitForURL(/\/guide$/)
  assessment = /asm_\w+/.exec(teacher.url())?.[0] ?? ''
  await teacher.getByRole('button', { name: 'Import' }).click()
  await teacher.locator('input[type=file]').setInputFiles(inRepository('tests/sample-class/guide.json'))
  await teacher.getByText('10 questions, 21 marks').waitFor()
  await accessible(teacher, 'guide import')
  await teacher.getByRole('button', { name: 'Take it over' }).click()
  // The totals are checked while one types.
  const marks = teacher.getByRole('region', { name: 'Question 2' }).getByLabel('Marks', { exact: true }).first()
  await marks.fill('3')
  await teacher.getByText('The criteria add up to 2, the question has 3 marks.').waitFor()
  await marks.fill('2')
  await teacher.getByText('The criteria add up to').waitFor({ state: 'detached' })
  await settled(teacher)
  await accessible(teacher, 'guide')
  await picture(teacher, 'guide')
  await teacher.getByRole('button', { name: 'Publish', exact: true }).click()
  await accessible(teacher, 'publish')
  await teacher.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
  await teacher.getByText('Version 1').waitFor()
})

it('hands in the class and watches it being graded', async () => {
  await teacher.getByRole('link', { name: 'Hand in' }).click()
  const files = CLASS.flatMap((it) => it.files.map((file) => inRepository(`tests/sample-class/${file.path}`)))
  await teacher.locator('input[type=file]').first().setInputFiles(files)
  await teacher.getByText('Look through before you hand in').waitFor()
  // Whose script it is comes from the files' names and the roster; the two photos of one student are one script.
  for (const student of CLASS) expect(await teacher.locator(`input[value="${student.student_number}"]`).count()).toBe(1)
  const first = () =>
    teacher
      .locator('li', { has: teacher.locator('input[value="24-0148"]') })
      .locator('ol img')
      .first()
      .getAttribute('alt')
  await expect.poll(first).toContain('diego-fuentes-1.jpg')
  await teacher
    .locator('li', { has: teacher.locator('input[value="24-0148"]') })
    .getByRole('button', { name: 'Move page 1 back' })
    .click()
  await expect.poll(first).toContain('diego-fuentes-2.jpg')
  await settled(teacher)
  await accessible(teacher, 'hand in')
  await picture(teacher, 'hand-in')
  await teacher.getByRole('button', { name: `Hand in ${CLASS.length} scripts` }).click()
  await teacher.getByText(`Handing in: ${CLASS.length} of ${CLASS.length}`).waitFor({ timeout: 120_000 })
  await accessible(teacher, 'handed in')
  await teacher.getByRole('link', { name: 'Scripts', exact: true }).click()
  await teacher.getByText(`${CLASS.length} To review`).waitFor({ timeout: 240_000 })
  await settled(teacher)
  await accessible(teacher, 'scripts')
  await picture(teacher, 'scripts')
  // The dashboard says what waits, too.
  await teacher.goto(`/o/${org}`)
  await teacher.getByRole('link', { name: `Review ${CLASS.length} scripts` }).waitFor()
})

/** Confirms answer after answer, as fast as somebody can press the key. */
async function confirmAll() {
  const through = teacher.getByText('Everything here is looked at')
  for (const began = Date.now(); Date.now() - began < 60_000 && !(await through.isVisible());) {
    await teacher.keyboard.press('Enter')
    await teacher.waitForTimeout(60)
  }
  await through.waitFor()
  await teacher.waitForLoadState('networkidle')
}

/** What was decided teaches the machine: an answer of which it was sure may wait for a person by now. */
async function confirmWhatWasLearned() {
  const decided = teacher.getByText('Everything is decided.')
  for (let calm = 0; calm < 2;) {
    await teacher.waitForTimeout(4000)
    await teacher.goto(`/o/${org}/assessments/${assessment}/release`)
    await settled(teacher)
    if (await decided.isVisible()) {
      calm++
      continue
    }
    calm = 0
    await teacher.goto(`/o/${org}/assessments/${assessment}/grade?order=doubt`)
    await settled(teacher)
    await confirmAll()
  }
}

it('reviews with the keyboard alone', async () => {
  await teacher.goto(`/o/${org}/assessments/${assessment}/review`)
  await settled(teacher)
  await accessible(teacher, 'review')
  await picture(teacher, 'review')
  // Those of which the machine is most sure are accepted together.
  const accept = teacher.getByRole('button', { name: /^Accept \d+$/ })
  await accept.click()
  await accessible(teacher, 'accept the rest')
  await teacher
    .getByRole('dialog')
    .getByRole('button', { name: /^Accept/ })
    .click()
  await teacher.getByText(/(is|are) confirmed\./).waitFor()
  const press = (key: string) => teacher.keyboard.press(key)
  const position = () =>
    teacher
      .getByText(/^\S.*\d+ of \d+$/)
      .first()
      .textContent()
  // With the keyboard to the link that starts, and on.
  await teacher.getByRole('link', { name: 'Start with the most doubtful' }).focus()
  await press('Enter')
  await teacher.locator('svg image').first().waitFor()
  await settled(teacher)
  await accessible(teacher, 'grade')
  await picture(teacher, 'grade')
  const all = Number(/of (\d+)/.exec((await position()) ?? '')?.[1])
  expect(all).toBeGreaterThan(5)
  await press('?')
  await teacher.getByRole('heading', { name: 'Everything from the keyboard' }).waitFor()
  await accessible(teacher, 'keys')
  await press('Escape')
  await teacher.getByRole('dialog').waitFor({ state: 'detached' })

  // One key confirms, and the next answer is there.
  const answer = () => teacher.locator('[data-answer]').first().getAttribute('data-answer')
  const first = await answer()
  await press('Enter')
  await expect.poll(answer).not.toBe(first)

  // A wheel over a number changes nothing.
  const field = teacher.getByLabel('Marks for criterion 1')
  const was = await field.inputValue()
  await field.hover()
  await teacher.mouse.wheel(0, 240)
  expect(await field.inputValue()).toBe(was)

  // Hovering a criterion lights its evidence up, and the other way round.
  const criterion = teacher.locator('[id^=criterion-]').first()
  await criterion.hover()
  const id = (await criterion.getAttribute('id'))?.replace('criterion-', '')
  const polygon = teacher.locator(`polygon[data-criterion="${id}"]`).first()
  await expect.poll(() => polygon.getAttribute('stroke-width')).toBe('5')
  await teacher.mouse.move(5, 5)
  await teacher.locator(`polygon[data-criterion="${id}"]`).first().dispatchEvent('mouseover')
  await teacher.locator(`#criterion-${id}[data-active]`).waitFor()

  // Override with a comment, then think better of it, then do it again.
  await press('1')
  await press('c')
  await teacher.keyboard.type('Look at this again with your group.')
  await press('Escape')
  await teacher.getByRole('button', { name: 'Save and go on' }).waitFor()
  const overridden = await teacher.locator('[data-answer]').getAttribute('data-answer')
  await press('Enter')
  await teacher.waitForFunction(
    (it) => document.querySelector('[data-answer]')?.getAttribute('data-answer') !== it,
    overridden,
  )
  await teacher.waitForLoadState('networkidle')
  await press('u')
  await teacher.getByText('Undone.').waitFor()
  await teacher.waitForFunction(
    (it) => document.querySelector('[data-answer]')?.getAttribute('data-answer') === it,
    overridden,
  )
  await press('1')
  await press('Enter')
  await confirmAll()
  await accessible(teacher, 'grade, done')
})

it('goes question by question without names', async () => {
  await teacher.goto(`/o/${org}/assessments/${assessment}/grade?order=question&question=7`)
  await teacher.locator('[data-answer]').waitFor()
  await teacher.getByLabel('Hide names').check()
  await teacher.getByText(/^Script \d+/).waitFor()
  const text = await teacher.locator('main').innerText()
  for (const { student_name } of CLASS) expect(text).not.toContain(student_name)
  await teacher.getByLabel('Hide names').uncheck()
})

it('releases the feedback, and the student sees it', async () => {
  const released = teacher.getByText(`The feedback of ${CLASS.length} scripts is released.`)
  for (let tries = 0, isReleased = false; !isReleased; tries++) {
    // Until it is released, what was decided may have other answers scored anew, which then wait for a person again.
    expect(tries).toBeLessThan(4)
    await confirmWhatWasLearned()
    if (tries === 0) await accessible(teacher, 'release')
    await teacher.getByRole('button', { name: 'Release', exact: true }).click()
    isReleased = await released.waitFor({ timeout: 15_000 }).then(
      () => true,
      () => false,
    )
  }
  await teacher.goto(`/o/${org}/students`)
  await teacher.getByRole('button', { name: 'Invite', exact: true }).click()
  await teacher.getByText('The invitation is on its way.').waitFor()
  // Once more, and it says that nothing was sent.
  await teacher.getByRole('button', { name: 'Invite', exact: true }).click()
  await teacher.getByText(/is invited already/).waitFor()
  const { page, context, calm: quiet } = await person(browser)
  await open(page, await link(STUDENT, 'invited'))
  await page.getByLabel('Name').fill('Amara Okafor')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Accept' }).click()
  await page.getByRole('link', { name: /Year 9 general paper/ }).waitFor()
  await accessible(page, 'my feedback')
  await page.getByRole('link', { name: /Year 9 general paper/ }).click()
  await page.getByRole('heading', { name: 'Question 1', exact: true }).waitFor()
  await page.getByAltText('Page 1 with what was found marked on it').waitFor({ timeout: 60_000 })
  await settled(page)
  await accessible(page, 'feedback')
  await picture(page, 'feedback')
  expect(await page.getByRole('link', { name: 'Assessments' }).count()).toBe(0)
  // Nor at its address is there what the role does not include.
  await page.goto(`/o/${org}/api-keys`)
  await page.getByRole('heading', { name: 'Not for your role' }).waitFor()
  quiet()
  await context.close()
})

it('shows in the audit log what was done, and the chain holds', async () => {
  await teacher.goto(`/o/${org}/audit`)
  for (const action of [
    'Released feedback',
    'Changed the marks of an answer',
    'Undid a decision',
    'Confirmed an answer',
  ]) {
    await teacher.getByLabel('Action').selectOption({ label: action })
    await teacher.getByRole('button', { name: 'Filter' }).click()
    await teacher.locator('summary', { hasText: action }).first().waitFor()
  }
  await teacher.getByLabel('Action').selectOption('')
  await teacher.getByRole('button', { name: 'Filter' }).click()
  await accessible(teacher, 'audit')
  await picture(teacher, 'audit')
  await teacher.getByLabel('Action').selectOption('answer.overridden')
  await teacher.getByRole('button', { name: 'Filter' }).click()
  await teacher.locator('summary', { hasText: 'Confirmed an answer' }).first().waitFor({ state: 'detached' })
  await teacher.getByRole('button', { name: 'Verify', exact: true }).click()
  await accessible(teacher, 'verify')
  await teacher.getByRole('button', { name: 'Verify now' }).click()
  await teacher.getByText('The chain holds').waitFor()
  await teacher.keyboard.press('Escape')
  await teacher.getByRole('button', { name: 'Export' }).click()
  await teacher.getByRole('dialog').getByRole('button', { name: 'Export' }).click()
  await teacher.getByRole('link', { name: 'Download' }).waitFor()
})

it('is accessible on every other screen, light and dark, on a phone too', async () => {
  const screens: [string, string][] = [
    ['dashboard', `/o/${org}`],
    ['assessments', `/o/${org}/assessments`],
    ['scripts', `/o/${org}/assessments/${assessment}`],
    ['guide', `/o/${org}/assessments/${assessment}/guide`],
    ['hand in', `/o/${org}/assessments/${assessment}/upload`],
    ['review', `/o/${org}/assessments/${assessment}/review`],
    ['statistics', `/o/${org}/assessments/${assessment}/statistics`],
    ['release', `/o/${org}/assessments/${assessment}/release`],
    ['grade', `/o/${org}/assessments/${assessment}/grade?order=student`],
    ['students', `/o/${org}/students`],
    ['people', `/o/${org}/people`],
    ['teams', `/o/${org}/teams`],
    ['api keys', `/o/${org}/api-keys`],
    ['plan', `/o/${org}/plan`],
    ['audit', `/o/${org}/audit`],
    ['privacy', `/o/${org}/privacy`],
    ['settings', `/o/${org}/settings`],
    ['account', '/account'],
    ['my data', '/privacy'],
    ['organizations', '/organizations'],
    ['nothing here', '/nowhere'],
  ]
  for (const [theme, size] of [
    ['light', { width: 1440, height: 900 }],
    ['dark', { width: 390, height: 844 }],
  ] as const) {
    await teacher.emulateMedia({ colorScheme: theme })
    await teacher.setViewportSize(size)
    for (const [name, path] of screens) {
      await teacher.goto(path)
      await settled(teacher)
      await accessible(teacher, `${name}, ${theme}, ${size.width} px`)
      const overflow = await teacher.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(overflow, `${name} is wider than ${size.width} px`).toBeLessThanOrEqual(0)
      if (name === 'dashboard' || name === 'statistics' || name === 'grade') {
        await picture(teacher, theme === 'light' ? name : `${name}-phone-dark`)
      }
    }
  }
  await teacher.emulateMedia({ colorScheme: 'light' })
  await teacher.setViewportSize({ width: 1440, height: 900 })
})

it('speaks German too', async () => {
  await teacher.goto('/account')
  await teacher.getByLabel('Language').selectOption('de')
  await teacher.getByRole('heading', { name: 'Mein Konto' }).waitFor()
  await expect.poll(() => teacher.locator('html').getAttribute('lang')).toBe('de')
  await teacher.getByLabel('Sprache').selectOption('en')
  await teacher.getByRole('heading', { name: 'My account' }).waitFor()
})

it('has made no error in the page on the way', () => calm())
