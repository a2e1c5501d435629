// A stranger subscribes, hits the quota, upgrades, sees the invoice and cancels; and a card is declined. In the place
// of Stripe stands what the cloud on a laptop has for it, with pages of its own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  accessible,
  Api,
  DESKTOP,
  GUIDE,
  launch,
  link,
  logIn,
  PASSWORD,
  person,
  PHONE,
  picture,
  settled,
  STRIPE,
  unique,
  WEB,
  type Browser,
  type Page,
} from './world'

type Billing = { plan: string; standing: string; subscription: { status: string; cancels_at: string | null } | null }

const STRANGER = unique('stranger')

let browser: Browser

beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser.close())

const billing = (api: Api, org: string) => api.call<Billing>('GET', `/v1/orgs/${org}/billing`)
const status = async (api: Api, org: string) => (await billing(api, org)).subscription?.status

/** Lets time pass at Stripe: the end of an organization's trial or period, or the last attempt to be paid. */
async function passTime(page: Page, org: string) {
  await page.goto(STRIPE)
  await page.getByRole('row').filter({ hasText: org }).getByRole('button').click()
  await page.getByRole('heading', { name: 'The fake Stripe' }).waitFor()
}

/** Fills in the Checkout page that stands in for Stripe's. */
async function checkOut(page: Page, card: RegExp) {
  await page.getByRole('heading', { name: 'Subscribe' }).waitFor()
  await page.getByLabel(card).check()
  await page.getByRole('button', { name: 'Subscribe' }).click()
}

describe.skipIf(!STRIPE)('a stranger', () => {
  let page: Page
  let calm: () => void
  let api: Api
  let org: string
  let assessment: string
  const toPlan = async () => {
    await page.goto(`/o/${org}/plan`)
    await settled(page)
  }

  it('makes an account and an organization, which is on the free plan', async () => {
    ;({ page, calm } = await person(browser))
    await page.goto('/register')
    await page.getByLabel('Name').fill('Ada Marsh')
    await page.getByLabel('E-mail address').fill(STRANGER)
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Make an account' }).click()
    await page.goto((await link(STRANGER, 'Verify')).replace(WEB, ''))
    await page.getByText('Your address is verified').waitFor()
    await logIn(page, STRANGER)
    await page.getByLabel('Name of the organization').fill('Harbour School')
    await page.getByRole('button', { name: 'Make it' }).click()
    await page.getByRole('heading', { name: 'Hello, Ada' }).waitFor()
    org = /org_\w+/.exec(page.url())?.[0] ?? ''
    api = new Api(STRANGER)
    await api.logIn()
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Plan' }).click()
    await page.getByText('The free plan costs nothing.').waitFor()
    await page.getByText('No invoices yet').waitFor()
    await page.getByRole('cell', { name: '€12.00 a month' }).waitFor()
    await page.getByText('Yearly', { exact: true }).click()
    await page.getByRole('cell', { name: '€1,990.00 a year' }).waitFor()
    await page.getByText('up to 2 months are free').waitFor()
    await accessible(page, 'plan, free')
  })

  it('uses up the quota, and is shown the way to a larger plan', async () => {
    const base = `/v1/orgs/${org}/assessments`
    ;({ id: assessment } = await api.call<{ id: string }>('POST', base, { title: GUIDE.title }))
    await api.call('POST', `${base}/${assessment}/guides`, GUIDE)
    const script = (i: number) => ({ student_name: `Student ${i}`, files: [{ content_type: 'text/plain' }] })
    const handIn = (i: number) => api.call('POST', `${base}/${assessment}/submissions`, script(i))
    const made = await Promise.allSettled(Array.from({ length: 65 }, (_, i) => handIn(i)))
    expect(made.filter((it) => it.status === 'fulfilled')).toHaveLength(60)

    await page.goto(`/o/${org}/assessments/${assessment}/upload`)
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'ben.txt', mimeType: 'text/plain', buffer: Buffer.from('1. The mitochondria.') })
    await page.getByRole('button', { name: 'Hand in one script' }).click()
    const refused = page.getByRole('alert').filter({ hasText: 'free' })
    await refused.waitFor()
    await accessible(page, 'quota exhausted')
    await refused.getByRole('link', { name: 'Plan and payment' }).click()
    await page.getByText('60 / 60').waitFor()
  })

  it('leaves Checkout without subscribing, and then subscribes', async () => {
    await page.getByRole('button', { name: 'Try Teacher for 14 days' }).click()
    await page.getByRole('heading', { name: 'Subscribe' }).waitFor()
    await accessible(page, 'Checkout')
    await page.getByRole('link', { name: 'Back without subscribing' }).click()
    await page.getByText('You came back without subscribing').waitFor()
    expect((await billing(api, org)).subscription).toBeNull()

    await page.getByRole('button', { name: 'Try Teacher for 14 days' }).click()
    await checkOut(page, /declined at once/)
    await page.getByRole('alert').filter({ hasText: 'Your card was declined.' }).waitFor()
    await accessible(page, 'Checkout, declined')
    await page.getByLabel('VAT number, if there is one').fill('DE123456789')
    await checkOut(page, /: pays/)
    await page.getByText('Your subscription has begun.').waitFor()
    await page.getByText('Trial', { exact: true }).waitFor()
    await page.getByText(/6[01] \/ 600/).waitFor()
    await accessible(page, 'plan, subscribed')
  })

  it('goes on where the quota had ended', async () => {
    // The script that was refused is still there, and goes by itself, whatever page is open.
    const submitted = async () => {
      const path = `/v1/orgs/${org}/assessments/${assessment}`
      return (await api.call<{ progress: { submitted: number } }>('GET', path)).progress.submitted
    }
    await toPlan()
    await expect.poll(submitted, { timeout: 40_000 }).toBe(61)
    await toPlan()
    await page.getByText('61 / 600').waitFor()
    expect(await status(api, org)).toBe('trialing')
  })

  it('pays when the trial ends, and sees the invoice and its file', async () => {
    await passTime(page, org)
    await expect.poll(() => status(api, org), { timeout: 20_000 }).toBe('active')
    await toPlan()
    await page.getByText('Active', { exact: true }).waitFor()
    const row = page.getByRole('row').filter({ hasText: 'FAKE-' })
    await row.getByRole('cell', { name: '€12.00' }).waitFor()
    await row.getByText('Paid').waitFor()
    const file = row.getByRole('link', { name: /^PDF of invoice FAKE-/ })
    const answer = await page.request.get((await file.getAttribute('href')) ?? '')
    expect(answer.headers()['content-type']).toBe('application/pdf')
    expect((await answer.body()).subarray(0, 5).toString()).toBe('%PDF-')
    await row.getByRole('link', { name: /^FAKE-/ }).click()
    await page.getByRole('heading', { name: /^Invoice FAKE-/ }).waitFor()
    await accessible(page, 'invoice')
  })

  it('sees what a larger plan costs now, and changes to it', async () => {
    await toPlan()
    await page.getByRole('button', { name: 'Change to School' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Unused time on Teacher').waitFor()
    await dialog.getByText('Remaining time on School').waitFor()
    // Of the month a minute or two have passed, a cent or two.
    await dialog
      .getByText(/€18(7\.00|6\.9\d)/)
      .first()
      .waitFor()
    await dialog.getByText('€199.00 a month').waitFor()
    await accessible(page, 'change the plan')
    await picture(page, 'change-plan')
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    expect((await billing(api, org)).plan).toBe('teacher')
    await page.getByRole('button', { name: 'Change to School' }).click()
    await dialog.getByText('Remaining time on School').waitFor()
    const due = /€18(7\.00|6\.9\d)/.exec(await dialog.innerText())?.[0] ?? 'no amount'
    await dialog.getByRole('button', { name: 'Change to School' }).click()
    await page.getByText('The plan is School now.').waitFor()
    await page.getByText('/ 20,000').waitFor()
    await page.getByRole('row').filter({ hasText: due }).getByText('Paid').waitFor()
    expect((await billing(api, org)).plan).toBe('school')
    // What the plan includes is there at once.
    await page.getByRole('link', { name: 'API keys' }).click()
    await page.getByRole('button', { name: 'New key' }).waitFor()
  })

  it('is accessible in both themes, on a phone too', async () => {
    for (const [theme, size] of [
      ['light', DESKTOP],
      ['dark', DESKTOP],
      ['light', PHONE],
      ['dark', PHONE],
    ] as const) {
      await page.emulateMedia({ colorScheme: theme })
      await page.setViewportSize(size)
      await toPlan()
      await accessible(page, `plan, ${theme}, ${size.width} px`)
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
      if (theme === 'light' && size === DESKTOP) await picture(page, 'plan')
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize(DESKTOP)
  })

  it('cancels, takes it back, and cancels for good', async () => {
    await toPlan()
    const cancel = async () => {
      await page.getByRole('button', { name: 'Cancel the subscription' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('nothing is deleted').waitFor()
      await accessible(page, 'cancel')
      await dialog.getByRole('button', { name: 'Cancel the subscription' }).click()
      await dialog.waitFor({ state: 'detached' })
      await page.getByText('Ends on').waitFor()
    }
    await cancel()
    expect((await billing(api, org)).subscription?.cancels_at).not.toBeNull()
    await page.getByRole('button', { name: 'Do not cancel' }).click()
    await page.getByText('Renews on').waitFor()
    expect((await billing(api, org)).subscription?.cancels_at).toBeNull()
    await cancel()
    await passTime(page, org)
    await expect.poll(() => status(api, org), { timeout: 20_000 }).toBe('canceled')
    await toPlan()
    await page.getByText('Ended', { exact: true }).waitFor()
    await page.getByText('/ 60').first().waitFor()
    // The trial was had; the invoices stay.
    await page.getByRole('button', { name: 'Subscribe to Teacher' }).waitFor()
    expect(await page.getByRole('row').filter({ hasText: 'FAKE-' }).count()).toBe(2)
    calm()
    await page.context().close()
  })
})

it.skipIf(!STRIPE)('says everywhere that a payment failed, until it is paid', async () => {
  const api = await Api.register('payer')
  const { id: org } = await api.call<{ id: string }>('POST', '/v1/orgs', { name: 'Late School' })
  const { page, calm, context } = await person(browser)
  await logIn(page, api.email)
  await page.goto(`/o/${org}/plan`)
  await page.getByRole('button', { name: 'Try Teacher for 14 days' }).click()
  await checkOut(page, /declined whenever it is charged/)
  await page.getByText('Your subscription has begun.').waitFor()
  await passTime(page, org)
  await expect.poll(async () => (await billing(api, org)).standing, { timeout: 20_000 }).toBe('grace')

  await page.goto(`/o/${org}/people`)
  const banner = page.getByRole('status').filter({ hasText: 'A payment did not go through' })
  await banner.waitFor()
  await accessible(page, 'payment failed')
  await page.setViewportSize(PHONE)
  await page.emulateMedia({ colorScheme: 'dark' })
  await accessible(page, 'payment failed, dark, phone')
  await page.setViewportSize(DESKTOP)
  await page.emulateMedia({ colorScheme: 'light' })
  await banner.getByRole('link', { name: 'Plan and payment' }).click()
  await page.getByText('Payment failed', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Payment details and invoices' }).click()
  await page.getByRole('heading', { name: 'Billing portal' }).waitFor()
  await accessible(page, 'portal')
  await page.setViewportSize(PHONE)
  await page.emulateMedia({ colorScheme: 'dark' })
  await accessible(page, 'portal, dark, phone')
  await page.setViewportSize(DESKTOP)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.getByRole('button', { name: /^Pay FAKE-/ }).click()
  await page.getByRole('alert').filter({ hasText: 'Your card was declined.' }).waitFor()
  await page.getByLabel(/: pays/).check()
  await page.getByRole('button', { name: 'Use this card' }).click()
  await page.getByText('Card on file: ends in 4242.').waitFor()
  await page.getByRole('button', { name: /^Pay FAKE-/ }).click()
  await page.getByRole('button', { name: /^Pay FAKE-/ }).waitFor({ state: 'detached' })
  await expect.poll(async () => (await billing(api, org)).standing, { timeout: 20_000 }).toBe('good')
  await page.getByRole('link', { name: 'Back to SmartScripts' }).click()
  await page.getByText('Active', { exact: true }).waitFor()
  await banner.waitFor({ state: 'detached' })
  calm()
  await context.close()
})
