// Who has not logged in yet, and who only reads: the pages around the log-in, and those of a student, in both themes
// and on a large and a small screen.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  accessible,
  DESKTOP,
  launch,
  link,
  logIn,
  person,
  PHONE,
  released,
  school,
  settled,
  unique,
  WEB,
  type Browser,
  type Page,
} from './world'

let browser: Browser
let student: { email: string; path: string }
/** An invitation that nobody has accepted. */
let invitation: string
let org: string

beforeAll(async () => {
  browser = await launch()
  const found = await school(['1. The mitochondria.\n2. Books became cheaper and people learned to read.\n'])
  org = found.org
  student = await released(found)
  const email = unique('invited')
  await found.api.call('POST', `/v1/orgs/${org}/invites`, { invites: [{ email, role: 'grader' }] })
  invitation = (await link(email, 'invited')).replace(WEB, '')
})
afterAll(() => browser.close())

/** Each page before the log-in, and a text that is there when it is. */
const doors = (): [name: string, path: string, shows: string][] => [
  ['log in', '/log-in', 'Forgot your password?'],
  ['register', '/register', 'Make an account'],
  ['verify e-mail, without a token', '/verify-email', 'This link is not complete.'],
  ['verify e-mail, refused', '/verify-email#token=nothing', 'Log in'],
  ['forgot password', '/forgot-password', 'Send me a link'],
  ['reset password', '/reset-password#token=nothing', 'Set the password'],
  ['accept an invitation', invitation, 'Test School invites'],
  ['accept an invitation, without a token', '/accept-invite', 'This link is not complete.'],
]

/** Each page of a student. */
const desk = (): [name: string, path: string, shows: string][] => [
  ['my feedback', `/o/${org}/feedback`, 'Cells and printing'],
  ['feedback', student.path, 'Names the mitochondria.'],
  ['privacy', `/o/${org}/privacy`, 'Go to my data'],
]

async function look(page: Page, pages: [string, string, string][], how: string) {
  for (const [name, path, shows] of pages) {
    // Another address alone, with another part behind the `#`, would not load the page anew.
    await page.goto('about:blank')
    await page.goto(path)
    await page.getByText(shows).first().waitFor()
    await accessible(page, `${name}, ${how}`)
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect.soft(overflow, `${name} is wider than its window, ${how}`).toBeLessThanOrEqual(0)
  }
}

describe.each([
  ['light', DESKTOP],
  ['dark', DESKTOP],
  ['light', PHONE],
  ['dark', PHONE],
] as const)('%s, on %o', (colorScheme, viewport) => {
  const how = `${colorScheme}, ${viewport.width} px`

  it('is accessible before one has logged in', async () => {
    const { page, context, calm } = await person(browser, { viewport, colorScheme })
    await look(page, doors(), how)
    calm()
    await context.close()
  })

  it('is accessible for a student', async () => {
    const { page, context, calm } = await person(browser, { viewport, colorScheme })
    await logIn(page, student.email)
    await look(page, desk(), how)
    await page.goto(student.path)
    await settled(page)
    await page.getByRole('button', { name: /Your account/ }).click()
    await accessible(page, `menu of a student, ${how}`)
    calm()
    await context.close()
  })
})
