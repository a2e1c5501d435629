// Every list where it is empty, on its way, can't be had, or has to wait for the network.
import { afterAll, beforeAll, expect, it } from 'vitest'

import {
  accessible,
  launch,
  logIn,
  person,
  released,
  school,
  settled,
  type Browser,
  type Page,
  type School,
} from './world'

let browser: Browser
let found: School
let student: { email: string; path: string }
let teacher: Awaited<ReturnType<typeof person>>

beforeAll(async () => {
  browser = await launch()
  found = await school([
    '1. The mitochondria.\n2. Books became cheaper and people learned to read.\n',
    '1. In the ribosome I think.\n2. It changed a lot of things for many people.\n',
  ])
  student = await released(found)
  await found.api.call('POST', `/v1/orgs/${found.org}/teams`, { name: '9a' })
  const scans = `/v1/orgs/${found.org}/assessments/${found.assessment}/class-scans`
  await found.api.call('POST', scans, { files: [{ content_type: 'application/pdf' }] })
  teacher = await person(browser)
  await logIn(teacher.page, found.api.email)
})
afterAll(() => browser.close())

const of = (path: string) => `/o/${found.org}${path}`
const ofAssessment = (path: string) => of(`/assessments/${found.assessment}${path}`)
const card = (page: Page, heading: string | undefined) =>
  heading ? page.locator('section', { has: page.getByRole('heading', { name: heading }) }) : page.locator('main')

/** Goes to another page of the application as a link in it does, without loading it anew. */
const wander = (page: Page, path: string) =>
  page.evaluate((to) => {
    history.pushState({ idx: 1 }, '', to)
    dispatchEvent(new PopStateEvent('popstate', { state: history.state as unknown }))
  }, path)

type List = {
  name: string
  path: string
  /** From where one comes: a page that has asked for what stands around the list, but not for the list. */
  from: string
  /** The heading of the card that it stands in, on a page with more than one. */
  heading?: string
  shows: string | RegExp
}

/** The lists of who works at a school. */
const lists = (): List[] => [
  { name: 'assessments', path: of('/assessments'), from: of('/settings'), shows: 'Cells and printing' },
  { name: 'students', path: of('/students'), from: of('/settings'), shows: 'Amara Okafor' },
  { name: 'members', path: of('/people'), from: of('/settings'), heading: 'Members', shows: found.api.email },
  { name: 'invitations', path: of('/people'), from: of('/settings'), heading: 'Invitations', shows: 'No invitation' },
  { name: 'teams', path: of('/teams'), from: of('/settings'), shows: '9a' },
  { name: 'api keys', path: of('/api-keys'), from: of('/settings'), shows: 'No keys yet' },
  { name: 'audit', path: of('/audit'), from: of('/settings'), shows: 'Released feedback' },
  {
    name: 'what needs me',
    path: of(''),
    from: of('/settings'),
    heading: 'Needs you now',
    shows: /Review|Nothing waits/,
  },
  { name: 'newest', path: of(''), from: of('/settings'), heading: 'Assessments', shows: 'Cells and printing' },
  { name: 'activity', path: of(''), from: of('/settings'), heading: 'Last activity', shows: 'Released feedback' },
  { name: 'invoices', path: of('/plan'), from: of('/settings'), heading: 'Invoices', shows: 'No invoices yet' },
  { name: 'months', path: of('/plan'), from: of('/privacy'), heading: 'Scripts by month and team', shows: /20\d\d-/ },
  { name: 'exports', path: of('/privacy'), from: of('/settings'), heading: 'Exports', shows: 'No copy was asked for' },
  { name: 'erasures', path: of('/privacy'), from: of('/settings'), heading: 'Erasures', shows: 'No erasure was asked' },
  { name: 'scripts', path: ofAssessment(''), from: ofAssessment('/guide'), shows: 'Student 1' },
  {
    name: 'class scans',
    path: ofAssessment('/upload'),
    from: ofAssessment('/guide'),
    heading: 'One scan of the whole class',
    shows: /^Scan of/,
  },
  { name: 'whose', path: ofAssessment('/whose'), from: ofAssessment('/guide'), shows: /Student 2|Every script/ },
  { name: 'review', path: ofAssessment('/review'), from: ofAssessment('/guide'), shows: 'Question 2' },
  { name: 'groups', path: ofAssessment('/groups'), from: ofAssessment('/guide'), shows: 'The mitochondria' },
  { name: 'statistics', path: ofAssessment('/statistics'), from: ofAssessment('/guide'), shows: 'Graded' },
  {
    name: 'criteria',
    path: ofAssessment('/statistics'),
    from: ofAssessment(''),
    heading: 'Criteria',
    shows: 'Names the mitochondria.',
  },
  {
    name: 'my copies',
    path: '/privacy',
    from: '/account',
    heading: 'Download my data',
    shows: 'No copy was asked for',
  },
  { name: 'sessions', path: '/account', from: '/privacy', heading: 'Where you are logged in', shows: 'This browser' },
  { name: 'organizations', path: '/organizations', from: '/account', shows: 'Test School' },
]

/** The lists of a student. */
const ofStudent = (): List[] => [
  { name: 'my feedback', path: of('/feedback'), from: of('/privacy'), shows: 'Cells and printing' },
  { name: 'feedback', path: student.path, from: of('/privacy'), shows: 'Names the mitochondria.' },
]

const WAITS = 'This comes as soon as the network is back'

/** Without a network a list says so, shows nothing that isn't so, and comes by itself when the network does. */
async function waitsForTheNetwork({ context, page }: Awaited<ReturnType<typeof person>>, list: List) {
  // The page's own code is there; what it shows isn't, since loading the other page has forgotten it.
  await page.goto(list.path)
  await settled(page)
  await page.goto(list.from)
  await settled(page)
  await context.setOffline(true)
  await page.getByText('You are offline. What you see may be old').waitFor()
  await wander(page, list.path)
  const place = card(page, list.heading)
  const shown = place.getByText(list.shows).filter({ visible: true })
  await place.getByText(WAITS).first().waitFor()
  expect.soft(await place.getByRole('status', { name: 'Loading' }).count(), `${list.name}: bars that stay`).toBe(0)
  expect.soft(await shown.count(), `${list.name}: shown without a network`).toBe(0)
  await context.setOffline(false)
  await shown.first().waitFor()
  await settled(page)
  expect.soft(await page.getByText(WAITS).count(), `${list.name}: still waits`).toBe(0)
}

it('says in every list that the network is gone, and goes on by itself', { timeout: 600_000 }, async () => {
  for (const list of lists()) {
    await waitsForTheNetwork(teacher, list).catch((problem: unknown) => {
      throw new Error(`${list.name}: ${String(problem)}`)
    })
  }
})

it('says so to a student, too', async () => {
  const reader = await person(browser)
  await logIn(reader.page, student.email)
  for (const list of ofStudent()) await waitsForTheNetwork(reader, list)
  await reader.context.close()
})

it('offers to try again where the service does not answer', async () => {
  const { page, context } = teacher
  for (const [name, path, call] of [
    ['scripts', ofAssessment(''), '**/submissions?*'],
    ['review', ofAssessment('/review'), '**/reviews*'],
    ['assessments', of('/assessments'), '**/assessments?*'],
    ['members of teams', of('/teams'), '**/members?*'],
    ['students of teams', of('/teams'), '**/students?*'],
  ] as const) {
    await context.route(call, (route) => route.abort('internetdisconnected'))
    await page.goto(path)
    await page
      .getByText(/No answer: the network/)
      .first()
      .waitFor()
    await context.unroute(call)
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await page
      .getByText(/No answer: the network/)
      .first()
      .waitFor({ state: 'detached' })
    await settled(page)
    expect(await page.locator('main').innerText(), name).not.toContain('No answer')
  }
})

it('counts nobody in a team as long as it does not know who is in it', async () => {
  const { page, context } = teacher
  const goOn: (() => void)[] = []
  for (const call of ['**/members?*', '**/students?*']) {
    await context.route(call, async (route) => {
      await new Promise<void>((done) => goOn.push(done))
      await route.continue()
    })
  }
  await page.goto(of('/teams'))
  const row = page.getByRole('row').filter({ hasText: '9a' })
  await row.waitFor()
  const cells = async () => (await row.getByRole('cell').allInnerTexts()).slice(1, 3)
  expect(await cells()).toEqual(['…', '…'])
  await expect.poll(() => goOn.length).toBe(2)
  goOn.forEach((go) => go())
  await expect.poll(cells).toEqual(['–', '0'])
  await context.unrouteAll()
})

it('says of a list that it is empty', async () => {
  const { page, context } = await person(browser)
  await logIn(page, found.api.email)
  const { id } = await found.api.call<{ id: string }>('POST', '/v1/orgs', { name: 'A New School' })
  // Making the organization stands in its log.
  await context.route('**/audit?*', (route) =>
    route.fulfill({ contentType: 'application/json', body: JSON.stringify({ items: [], cursor: null }) }),
  )
  for (const [path, heading, says] of [
    ['', 'Last activity', 'No entries'],
    ['/plan', 'Scripts by month and team', 'No scripts are counted yet'],
    ['/privacy', 'Exports', 'No copy was asked for'],
    ['/privacy', 'Erasures', 'No erasure was asked for'],
  ] as const) {
    await page.goto(`/o/${id}${path}`)
    await card(page, heading).getByText(says).waitFor()
    await accessible(page, `${heading}, empty`)
  }
  await page.goto('/privacy')
  await card(page, 'Download my data').getByText('No copy was asked for').waitFor()
  await context.close()
})
