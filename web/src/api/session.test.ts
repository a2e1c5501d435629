import { beforeEach, describe, expect, it, vi } from 'vitest'

import { authorizedFetch, session } from './session'

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })

/** An API whose only good token is the one of the last refresh. */
function fakeApi({ refreshes = true } = {}) {
  const calls = { refresh: 0, refused: 0, served: 0 }
  let good = 'token-0'
  vi.stubGlobal('fetch', async (input: Request | string) => {
    await new Promise((done) => setTimeout(done, Math.random() * 10))
    if (typeof input === 'string') {
      calls.refresh += 1
      if (!refreshes) return json(401, { code: 'refresh_token_invalid' })
      good = `token-${calls.refresh}`
      return json(200, { access_token: good, user_id: 'usr_1', expires_in: 600 })
    }
    if (input.headers.get('Authorization') === `Bearer ${good}`) {
      calls.served += 1
      return json(200, await input.json().catch(() => ({})))
    }
    calls.refused += 1
    return json(401, { code: 'token_invalid' })
  })
  return calls
}

const request = (body?: string) =>
  new Request('http://localhost/v1/orgs', body === undefined ? {} : { method: 'POST', body })

describe('an expired access token', () => {
  beforeEach(() => session.begin({ access_token: 'expired', user_id: 'usr_1', expires_in: 0 }))

  it('is refreshed once, whichever of ten parallel calls sees it first', async () => {
    const calls = fakeApi()
    const answers = await Promise.all(Array.from({ length: 10 }, () => authorizedFetch(request())))
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200))
    expect(calls).toEqual({ refresh: 1, refused: 10, served: 10 })
  })

  it('is refreshed once when a late refusal comes after the refresh', async () => {
    const calls = fakeApi()
    const late = authorizedFetch(request())
    await authorizedFetch(request())
    await late
    expect(calls.refresh).toBe(1)
  })

  it('sends the body again', async () => {
    fakeApi()
    const answer = await authorizedFetch(request('{"name":"School"}'))
    expect(await answer.json()).toEqual({ name: 'School' })
  })

  it('ends the session when it cannot be refreshed, and says that it has expired', async () => {
    const calls = fakeApi({ refreshes: false })
    const answers = await Promise.all([1, 2, 3].map(() => authorizedFetch(request())))
    expect(answers.map((answer) => answer.status)).toEqual([401, 401, 401])
    expect(calls.refresh).toBe(1)
    expect(session.state()).toEqual({ kind: 'out', expired: true })
  })
})

it('keeps no token where a script of another page could find it', async () => {
  fakeApi()
  session.begin({ access_token: 'secret', user_id: 'usr_1', expires_in: 600 })
  expect(JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage })).not.toContain('secret')
})
