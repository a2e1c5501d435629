// What an administrator, and everybody with an account, does beside grading.
import { createHmac } from 'node:crypto'

import { afterAll, beforeAll, expect, it } from 'vitest'

import {
  accessible,
  Api,
  inRepository,
  launch,
  link,
  logIn,
  PASSWORD,
  person,
  school,
  settled,
  WEB,
  type Browser,
  type Page,
  type School,
} from './world'

let browser: Browser
let found: School
let page: Page
let calm: () => void

beforeAll(async () => {
  browser = await launch()
  found = await school([
    '1. The mitochondria.\n2. Books became cheaper and people learned to read.\n',
    '1. In the ribosome I think.\n2. It changed a lot of things for many people.\n',
    'No label here at all.\n1. A nucleus.\n2. Newspapers were printed.\n',
  ])
  ;({ page, calm } = await person(browser))
  await logIn(page, found.api.email)
})
afterAll(() => browser.close())

const to = (path: string) => page.goto(`/o/${found.org}${path}`)

/** The code that an authenticator shows for a secret: RFC 6238, six digits, thirty seconds. */
function totp(secret: string, at = Date.now()): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replace(/[\s=]/g, '')].map((it) => alphabet.indexOf(it).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((it) => parseInt(it, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const hash = createHmac('sha1', key).update(counter).digest()
  const offset = (hash.at(-1) ?? 0) & 15
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

it('makes a team, puts a member into it, and renames it', async () => {
  await to('/teams')
  await page.getByRole('button', { name: 'New team' }).first().click()
  await page.getByLabel('Name of the team').fill('9a')
  await accessible(page, 'new team')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('cell', { name: '9a', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByLabel('Name of the team').fill('9b')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('cell', { name: '9b', exact: true }).waitFor()
})

it('makes an API key, shows it once, and revokes it', async () => {
  await to('/api-keys')
  await page.getByRole('button', { name: 'New key' }).click()
  await page.getByLabel('What it is for').fill('Nightly export')
  await page.getByLabel('See scripts').check()
  await accessible(page, 'new key')
  await page.getByRole('button', { name: 'Make the key' }).click()
  await page.getByText('Copy the key now').waitFor()
  await accessible(page, 'key shown')
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByRole('cell', { name: 'Nightly export' }).waitFor()
  await page.getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

it('compares versions of a guide', async () => {
  await to(`/assessments/${found.assessment}/guide`)
  await page
    .getByRole('region', { name: 'Question 1' })
    .getByLabel('Accepted phrasings')
    .fill('mitochondria\nmitochondrion')
  await page.getByText('Not published').waitFor()
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await page.getByRole('dialog').getByText('“mitochondrion”').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
  await page.getByText('Version 2').waitFor()
  await page.getByRole('button', { name: 'Compare versions' }).click()
  await page.getByRole('dialog').getByText('“mitochondrion”').waitFor()
  await accessible(page, 'versions')
  await page.keyboard.press('Escape')
})

it('imports a guide from a Word document, corrects it, and from a PDF', async () => {
  const made = await found.api.call<{ id: string }>('POST', `/v1/orgs/${found.org}/assessments`, { title: 'Leaves' })
  await to(`/assessments/${made.id}/guide`)
  await page.getByRole('button', { name: 'Import' }).first().click()
  const choose = (file: string | { name: string; mimeType: string; buffer: Buffer }) =>
    page.getByRole('dialog').locator('input[type=file]').setInputFiles(file)
  // What can't be read says what to do, and the next one can.
  await choose({ name: 'old.doc', mimeType: 'application/msword', buffer: Buffer.from('\xD0\xCF\x11\xE0', 'latin1') })
  await page.getByText('save it as a Word document (.docx)').waitFor()
  await accessible(page, 'guide import, refused')
  await choose(inRepository('tests/guide-files/guide.docx'))
  await page.getByText('3 questions, 6 marks').waitFor()
  await page.getByRole('region', { name: 'What was understood' }).getByText('carbon dioxide').waitFor()
  await page.getByText('A formula: its signs are here').waitFor()
  await accessible(page, 'guide import from a document')
  // A line that was not understood is shown in the source.
  await page.getByRole('button', { name: 'Line 3' }).click()
  const source = page.getByLabel('Source')
  const selected = () =>
    source.evaluate((it: HTMLTextAreaElement) => it.value.slice(it.selectionStart, it.selectionEnd))
  await expect.poll(selected).toBe('Year 9, spring term')
  const text = await source.inputValue()
  await source.fill(text.replace('green. [3]', 'green. [4]').replace('| leaf green | 1 |', '| leaf green | 2 |'))
  await page.getByText('3 questions, 7 marks').waitFor()
  await page.getByRole('button', { name: 'Take it over' }).click()
  const publish = async (version: number) => {
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
    await page.getByText(`Version ${version}`).waitFor()
    return found.api.call<{ total_marks: number; questions: { label: string; text: string }[] }>(
      'GET',
      `/v1/orgs/${found.org}/assessments/${made.id}/guides/${version}`,
    )
  }
  expect((await publish(1)).total_marks).toBe(7)
  await page.getByRole('button', { name: 'Import' }).first().click()
  await choose(inRepository('tests/guide-files/guide.pdf'))
  await page.getByText('2 questions, 5 marks').waitFor()
  await page.getByRole('button', { name: 'Take it over' }).click()
  const { questions } = await publish(2)
  expect(questions.map((it) => it.label)).toEqual(['1', '2'])
  expect(questions[0]?.text).toMatch(/from the air outside\.$/)
})

it('assigns a line that fits no question', async () => {
  // The new version of the guide grades the scripts again; a line that is assigned meanwhile would be refused.
  const script = `/v1/orgs/${found.org}/assessments/${found.assessment}/submissions/${found.submissions[2]}`
  const version = async () => (await found.api.call<{ guide: { version: number } }>('GET', script)).guide.version
  await expect.poll(version, { timeout: 30_000 }).toBe(2)
  await to(`/assessments/${found.assessment}/lines/${found.submissions[2]}`)
  await page.getByText('No label here at all.', { exact: true }).waitFor()
  await accessible(page, 'lines')
  await page.getByLabel('Where “No label here at all.” belongs').selectOption('1')
  await page.getByRole('button', { name: 'Assign one line' }).click()
  await page.getByText('Assigned. What has changed is graded again.').waitFor()
})

it('releases and withdraws', async () => {
  await to(`/assessments/${found.assessment}/release`)
  await settled(page)
  const include = page.getByLabel(/Release those to review/)
  if (await include.isVisible()) await include.check()
  await page.getByRole('button', { name: 'Release', exact: true }).click()
  await page.getByRole('button', { name: 'Withdraw' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click()
  await page.getByRole('button', { name: 'Release', exact: true }).waitFor()
})

it('sets periods and asks for a copy', async () => {
  await to('/privacy')
  await page.getByLabel('Uploaded files and pictures of pages').fill('3')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('alert').waitFor()
  await page.getByLabel('Uploaded files and pictures of pages').fill('365')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByText('Saved.').waitFor()
  await page.goto('/privacy')
  await page.getByRole('button', { name: 'Ask for a copy' }).click()
  await page.getByText('Ready').waitFor({ timeout: 60_000 })
  await accessible(page, 'my data, ready')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ])
  expect(download.suggestedFilename()).toMatch(/\.zip$/)
})

it('asks for the account to be deleted, and takes it back', async () => {
  const other = await person(browser)
  const api = await Api.register('leaver')
  await logIn(other.page, api.email)
  await other.page.goto('/privacy')
  await other.page.getByRole('button', { name: 'Delete my account' }).click()
  await accessible(other.page, 'delete my account')
  await other.page.getByRole('dialog').getByLabel('Your password').fill(PASSWORD)
  await other.page.getByRole('dialog').getByRole('button', { name: 'Delete my account' }).click()
  await other.page.getByText('Your account will be erased on').waitFor()
  await other.page.getByRole('button', { name: 'Take it back' }).click()
  await other.page.getByText('Taken back.').waitFor()
  await other.context.close()
})

it('sets up a second factor, and logs in with it', async () => {
  await page.goto('/account')
  await page.getByRole('button', { name: 'Set up a second factor' }).click()
  await page.getByRole('dialog').getByLabel('Your password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Next' }).click()
  await page.getByAltText('QR code for your authenticator').waitFor()
  await accessible(page, 'second factor')
  const secret = (await page.getByRole('dialog').locator('code').textContent()) ?? ''
  await page.getByLabel('Code', { exact: true }).fill(totp(secret))
  await page.getByRole('button', { name: 'Turn it on' }).click()
  await page.getByText('Keep these codes').waitFor()
  await accessible(page, 'recovery codes')
  const codes = ((await page.getByRole('dialog').locator('code').textContent()) ?? '').split(' ')
  await page.getByRole('button', { name: 'I have kept them' }).click()
  await page.getByText(`${codes.length} recovery codes are left.`).waitFor()

  const other = await person(browser)
  await other.page.goto('/log-in')
  await other.page.getByLabel('E-mail address').fill(found.api.email)
  await other.page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await other.page.getByRole('button', { name: 'Log in' }).click()
  await other.page.getByText('Your account has a second factor.').waitFor()
  await accessible(other.page, 'log in, code')
  await other.page.getByLabel('Code').fill('000000')
  await other.page.getByRole('button', { name: 'Log in' }).click()
  await other.page.getByRole('alert').waitFor()
  await other.page.getByLabel('Code').fill(codes[0] ?? '')
  await other.page.getByRole('button', { name: 'Log in' }).click()
  await other.page.getByRole('heading', { name: /^Hello/ }).waitFor()
  await other.context.close()

  // The other browser stands in the list, and can be logged out from here.
  await page.reload()
  const sessions = page.getByRole('button', { name: 'Log out there' })
  await sessions.first().waitFor()
  const before = await sessions.count()
  expect(before).toBeGreaterThan(0)
  await sessions.first().click()
  await expect.poll(() => sessions.count()).toBe(before - 1)
})

it('sets a new password with the link of a mail', async () => {
  const other = await person(browser)
  const { api } = await school([])
  await other.page.goto('/forgot-password')
  await accessible(other.page, 'forgot password')
  await other.page.getByLabel('E-mail address').fill(api.email)
  await other.page.getByRole('button', { name: 'Send me a link' }).click()
  await other.page.getByText('a link is on its way').waitFor()
  await other.page.goto((await link(api.email, 'new password')).replace(WEB, ''))
  await accessible(other.page, 'reset password')
  expect(other.page.url()).not.toContain('token')
  await other.page.getByLabel('New password').fill('nine kites over the old canal')
  await other.page.getByRole('button', { name: 'Set the password' }).click()
  await other.page.getByText('Your new password is set.').waitFor()
  await other.context.close()
})

it('does not let an administrator demand a second factor that the own session has not', async () => {
  await to('/settings')
  await page.getByLabel('Demand a second factor').click()
  await page.getByText('Set up a second factor for your own account first').waitFor()
  expect(await page.getByLabel('Demand a second factor').isChecked()).toBe(false)
})

it('logs out, and what was seen is gone', async () => {
  await page.getByRole('button', { name: /Your account/ }).click()
  await accessible(page, 'menu')
  await page.getByRole('menuitem', { name: 'Log out' }).click()
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  await page.goBack()
  await page.getByRole('heading', { name: 'Log in' }).waitFor()
  calm()
})
