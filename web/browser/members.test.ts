// Who is in an organization: another role, disabled and restored, removed; an invitation that is sent again.
import { afterAll, beforeAll, expect, it } from 'vitest'

import {
  accessible,
  Api,
  AWS,
  join,
  launch,
  logIn,
  person,
  school,
  settled,
  unique,
  type Browser,
  type School,
} from './world'

const COLLEAGUE = unique('colleague')

let browser: Browser
let found: School
let owner: Awaited<ReturnType<typeof person>>
let colleague: Api

beforeAll(async () => {
  browser = await launch()
  found = await school([])
  await join(found, COLLEAGUE, { role: 'grader' })
  colleague = new Api(COLLEAGUE)
  await colleague.logIn()
  owner = await person(browser)
  await logIn(owner.page, found.api.email)
  await owner.page.goto(`/o/${found.org}/people`)
  await settled(owner.page)
})
afterAll(() => browser.close())

const row = () => owner.page.getByRole('row').filter({ hasText: COLLEAGUE })
const choose = async (item: string) => {
  await row().getByRole('button', { name: 'Actions for colleague' }).click()
  await owner.page.getByRole('menuitem', { name: item }).click()
}
/** What the organization lets the colleague do. */
const make = () => colleague.call('POST', `/v1/orgs/${found.org}/assessments`, { title: 'By a colleague' })
const read = () => colleague.call('GET', `/v1/orgs/${found.org}`)

it('gives somebody another role, which counts at once', async () => {
  await row().getByText('Grader').waitFor()
  await expect(make()).rejects.toThrow(/403/)
  await choose('Role and teams')
  await accessible(owner.page, 'role and teams')
  await owner.page.getByLabel('Role').selectOption('Teacher')
  await owner.page.getByRole('button', { name: 'Save' }).click()
  await owner.page.getByRole('dialog').waitFor({ state: 'detached' })
  await row().getByText('Teacher').waitFor()
  await owner.page.reload()
  await row().getByText('Teacher').waitFor()
  await make()
})

it('disables somebody, and restores them', async () => {
  await read()
  await choose('Disable')
  await row().getByText('Disabled').waitFor()
  await accessible(owner.page, 'people, one disabled')
  await expect(read()).rejects.toThrow(/40[34]/)
  await choose('Enable')
  await row().getByText('Disabled').waitFor({ state: 'detached' })
  await read()
})

it('removes somebody', async () => {
  await choose('Remove')
  const dialog = owner.page.getByRole('dialog')
  await dialog.getByText('Remove colleague?').waitFor()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await row().waitFor()
  await choose('Remove')
  await dialog.getByRole('button', { name: 'Remove' }).click()
  await row().waitFor({ state: 'detached' })
  await expect(read()).rejects.toThrow(/40[34]/)
})

/** How many mails have gone to an address. */
const mails = async (to: string) => {
  const answer = await fetch(`${AWS}/_ministack/ses/messages`)
  const { messages } = (await answer.json()) as { messages: Record<string, { To: string[] }[]> }
  return Object.values(messages)
    .flat()
    .filter((mail) => mail.To.includes(to)).length
}

it('sends an invitation again, and takes it back', async () => {
  const email = unique('invited')
  await found.api.call('POST', `/v1/orgs/${found.org}/invites`, { invites: [{ email, role: 'grader' }] })
  await expect.poll(() => mails(email)).toBe(1)
  await owner.page.reload()
  const invited = owner.page.getByRole('row').filter({ hasText: email })
  await invited.getByRole('button', { name: 'Send again' }).click()
  await owner.page.getByText('Sent again.').waitFor()
  await expect.poll(() => mails(email)).toBe(2)
  await invited.getByRole('button', { name: 'Revoke' }).click()
  await invited.waitFor({ state: 'detached' })
  owner.calm()
})
