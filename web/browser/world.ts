// What the browser tests share: the running system as `.local/env` describes it, a browser, mails, and axe.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { expect } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
export const inRepository = (path: string) => root + path

const env = Object.fromEntries(
  readFileSync(inRepository('.local/env'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
) as Record<'WEB_URL' | 'API_URL' | 'AWS_ENDPOINT_URL' | 'STRIPE_FAKE_URL', string>
export const WEB = env.WEB_URL
export const AWS = env.AWS_ENDPOINT_URL
/** What stands in for Stripe; empty where Stripe itself is used. */
export const STRIPE = env.STRIPE_FAKE_URL

export const PASSWORD = 'seven lamps behind the harbour'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })

export const DESKTOP = { width: 1440, height: 900 }
export const PHONE = { width: 390, height: 844 }

/** A person at a browser of their own. What goes wrong in the page fails the test that looks for it with `calm`. */
export async function person(browser: Browser, options: Parameters<Browser['newContext']>[0] = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', baseURL: WEB, ...options })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('console', (message) => {
    // A refused request shows there too, and is often what a test asks for; a broken policy or a React error is not.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) wrong.push(message.text())
  })
  return { context, page, calm: () => expect(wrong, 'errors in the page').toEqual([]) }
}

export const unique = (name: string) =>
  `${name}-${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}@school.example`

type Mail = { To: string[]; Subject: string; BodyText: string; Timestamp: number }

/** The link of the newest mail to an address whose subject holds these words. */
export async function link(to: string, subject: string): Promise<string> {
  for (let i = 0; i < 150; i++) {
    const { messages } = (await (await fetch(`${AWS}/_ministack/ses/messages`)).json()) as {
      messages: Record<string, Mail[]>
    }
    const mails = Object.values(messages).flat()
    const found = mails.filter((mail) => mail.To.includes(to) && mail.Subject.includes(subject))
    const newest = found.toSorted((a, b) => b.Timestamp - a.Timestamp)[0]
    const address = /https?:\/\/\S+/.exec(newest?.BodyText ?? '')?.[0]
    if (address) return address
    await new Promise((done) => setTimeout(done, 200))
  }
  throw new Error(`no mail to ${to} about ${subject}`)
}

const axe = readFileSync(inRepository('web/node_modules/axe-core/axe.min.js'), 'utf8')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

type Axe = {
  run: (
    scope: unknown,
    options: unknown,
  ) => Promise<{ violations: { id: string; help: string; nodes: { html: string }[] }[] }>
}

/** No violation that axe knows of, on the page as it is. */
export async function accessible(page: Page, name: string) {
  await settled(page)
  await page.evaluate(axe)
  const found = await page.evaluate(async (tags) => {
    const { violations } = await (window as unknown as { axe: Axe }).axe.run(document, {
      runOnly: { type: 'tag', values: tags },
    })
    return violations.map(
      (it) => `${it.id}: ${it.help}: ${it.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
    )
  }, TAGS)
  expect.soft(found, `axe on ${name}`).toEqual([])
}

/** Waits until nothing is loading any more, and brings every colour that is on its way to another to its end. */
export async function settled(page: Page) {
  await page.locator('h1').first().waitFor({ state: 'attached' })
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(() => !document.querySelector('.animate-pulse'), undefined, { polling: 100 })
  // A colour scheme that has just changed shows a few frames later, and only then do the colours move.
  await page.waitForTimeout(150)
  await page.evaluate(() =>
    document.getAnimations().forEach((it) => {
      if (it instanceof CSSTransition) it.finish()
    }),
  )
}

/** Pictures for the README go where it shows them from; `SCREENSHOTS` says so, since they change with every run. */
export async function picture(page: Page, name: string) {
  if (!process.env.SCREENSHOTS) return
  await page.evaluate(() => scrollTo(0, 0))
  await page.locator('[aria-live=polite].fixed > p').first().waitFor({ state: 'detached' })
  mkdirSync(inRepository('docs/screenshots'), { recursive: true })
  await page.screenshot({ path: inRepository(`docs/screenshots/${name}.png`) })
}

export async function logIn(page: Page, email: string) {
  await page.goto('/log-in')
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.waitForURL((url) => !url.pathname.startsWith('/log-in'))
}

/** The same API that the application calls, for what a test needs but isn't about. */
export class Api {
  private token = ''
  constructor(readonly email: string) {}

  static async register(name: string): Promise<Api> {
    const api = new Api(unique(name))
    await api.call('POST', '/v1/auth/register', { email: api.email, password: PASSWORD, name })
    await api.logIn()
    return api
  }

  async logIn() {
    const { access_token } = await this.call<{ access_token: string }>('POST', '/v1/auth/log-in', {
      email: this.email,
      password: PASSWORD,
    })
    this.token = access_token
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(WEB + path, {
      method,
      headers: { 'Content-Type': 'application/json', ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return (text ? JSON.parse(text) : undefined) as T
  }
}

export const GUIDE = {
  schema_version: 1,
  title: 'Cells and printing',
  total_marks: 3,
  questions: [
    {
      label: '1',
      text: 'Name the part of an animal cell that releases energy.',
      marks: 1,
      marking: {
        kind: 'short_answer',
        reference_answers: ['The mitochondria.'],
        criteria: [
          { id: 'organelle', description: 'Names the mitochondria.', marks: 1, accepted_phrasings: ['mitochondria'] },
        ],
      },
    },
    {
      label: '2',
      text: 'Explain how the printing press changed society.',
      marks: 2,
      marking: {
        kind: 'explanation',
        reference_answers: ['Books became cheaper, so more people learned to read.'],
        criteria: [
          { id: 'cheap', description: 'Says that books became cheaper.', marks: 1, accepted_phrasings: [] },
          { id: 'read', description: 'Says that more people learned to read.', marks: 1, accepted_phrasings: [] },
        ],
      },
    },
  ],
}

/** Puts an organization on a plan, as an operator does. */
export const setPlan = (org: string, plan: string) =>
  execFileSync(inRepository('target/debug/set-plan'), ['--org', org, '--plan', plan], {
    env: { ...process.env, ...env },
  })

export type School = { api: Api; org: string; assessment: string; submissions: string[] }

/** A school with an assessment and typed scripts that are graded. */
export async function school(texts: string[]): Promise<School> {
  const api = await Api.register('teacher')
  const { id: org } = await api.call<{ id: string }>('POST', '/v1/orgs', { name: 'Test School' })
  setPlan(org, 'school')
  const base = `/v1/orgs/${org}/assessments`
  const { id: assessment } = await api.call<{ id: string }>('POST', base, { title: GUIDE.title })
  await api.call('POST', `${base}/${assessment}/guides`, GUIDE)
  const path = `${base}/${assessment}`
  const submissions = await Promise.all(
    texts.map((text, i) => handIn(api, path, `Student ${i + 1}`, new Blob([text], { type: 'text/plain' }))),
  )
  await graded(api, path)
  return { api, org, assessment, submissions }
}

/** The name on the page of `handwriting`. */
export const WRITER = 'Amara Okafor'

/** An assessment of a school's by the sample class's guide, with one page of handwriting, graded. */
export async function handwriting({ api, org }: School): Promise<{ assessment: string; submission: string }> {
  const base = `/v1/orgs/${org}/assessments`
  const { id: assessment } = await api.call<{ id: string }>('POST', base, { title: 'Year 9 general paper' })
  const guide: unknown = JSON.parse(readFileSync(inRepository('tests/sample-class/guide.json'), 'utf8'))
  const path = `${base}/${assessment}`
  await api.call('POST', `${path}/guides`, guide)
  const page = readFileSync(inRepository('tests/sample-class/pages/amara-okafor.png'))
  const image = new Blob([new Uint8Array(page)], { type: 'image/png' })
  const submission = await handIn(api, path, WRITER, image)
  await graded(api, path)
  return { assessment, submission }
}

/** Invites somebody to the organization, who accepts with a new account. */
export async function join({ api, org }: School, email: string, invite: { role: string; student?: string }) {
  await api.call('POST', `/v1/orgs/${org}/invites`, { invites: [invite.student ? invite : { ...invite, email }] })
  const token = new URL(await link(email, 'invited')).hash.replace('#token=', '')
  await new Api(email).call('POST', '/v1/auth/accept-invite', { token, password: PASSWORD, name: email.split('-')[0] })
}

/** Releases the feedback of a school's first script to its student, who has an account. */
export async function released(school: School): Promise<{ email: string; path: string }> {
  const { api, org, assessment, submissions } = school
  const email = unique('amara')
  const roster = `/v1/orgs/${org}/students`
  const { id: student } = await api.call<{ id: string }>('POST', roster, { number: '1', name: 'Amara Okafor', email })
  const path = `/v1/orgs/${org}/assessments/${assessment}`
  const script = `${path}/submissions/${submissions[0]}`
  const { student_version: version = 0 } = await api.call<{ student_version?: number }>('GET', script)
  await api.call('POST', `${script}/student`, { student, version })
  await api.call('POST', `${path}/release`, { undecided: 'include' })
  await join(school, email, { role: 'student', student })
  return { email, path: `/o/${org}/feedback/${assessment}/${submissions[0]}` }
}

/** Hands in a script of one file, and says which it is. */
export async function handIn(api: Api, assessment: string, student_name: string, file: Blob): Promise<string> {
  const made = await api.call<{
    submission: { id: string }
    uploads: { url: string; fields: Record<string, string> }[]
  }>('POST', `${assessment}/submissions`, { student_name, files: [{ content_type: file.type }] })
  const form = new FormData()
  for (const [name, value] of Object.entries(made.uploads[0]?.fields ?? {})) form.append(name, value)
  form.append('file', file, 'answer')
  const sent = await fetch(made.uploads[0]?.url ?? '', { method: 'POST', body: form })
  if (!sent.ok) throw new Error(`upload: ${sent.status} ${await sent.text()}`)
  return made.submission.id
}

/** Waits until nothing of an assessment is on its way any more. */
export async function graded(api: Api, assessment: string) {
  for (let i = 0; i < 300; i++) {
    const { progress } = await api.call<{ progress: Record<string, number> }>('GET', assessment)
    if (progress.in_progress === 0) return
    await new Promise((done) => setTimeout(done, 300))
  }
  throw new Error('the scripts are not graded')
}

export type { Browser, BrowserContext, Page }
