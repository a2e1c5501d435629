/**
 * The access token, in memory alone: a reload asks for a new one with the refresh cookie, which no script can read.
 *
 * A token lives for ten minutes. Whichever call first finds it expired refreshes it; all others wait for the same
 * refresh.
 */

export type SessionState = { kind: 'unknown' } | { kind: 'out'; expired: boolean } | { kind: 'in'; userId: string }

type Granted = { access_token: string; user_id: string; expires_in: number }

let token: string | undefined
let state: SessionState = { kind: 'unknown' }
let refreshing: Promise<boolean> | undefined
const listeners = new Set<() => void>()

const become = (next: SessionState) => {
  state = next
  listeners.forEach((listener) => listener())
}

export const session = {
  state: () => state,
  subscribe(listener: () => void) {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
  /** A log-in or a refresh has succeeded. */
  begin(granted: Granted) {
    token = granted.access_token
    become({ kind: 'in', userId: granted.user_id })
  },
  /** Logged out, or the session has ended by itself. */
  end(expired = false) {
    token = undefined
    become({ kind: 'out', expired })
  },
  /**
   * Exchanges the refresh cookie for an access token: one call, however many ask at once. Says whether that went
   * well.
   */
  refresh(): Promise<boolean> {
    refreshing ??= exchange().finally(() => (refreshing = undefined))
    return refreshing
  },
}

async function exchange(): Promise<boolean> {
  const answer = await fetch('/v1/auth/refresh', { method: 'POST', credentials: 'same-origin' })
  if (answer.ok) {
    session.begin((await answer.json()) as Granted)
    return true
  }
  await answer.text() // else the connection stays taken
  // A service that is busy has not ended the session.
  if (answer.status === 401 || answer.status === 403) session.end(state.kind === 'in')
  return false
}

const withToken = (request: Request) => {
  const copy = request.clone()
  if (token) copy.headers.set('Authorization', `Bearer ${token}`)
  return copy
}

/** `fetch` with the access token. One that has expired is refreshed, once, and the request sent again. */
export async function authorizedFetch(request: Request): Promise<Response> {
  const used = token
  const answer = await fetch(withToken(request))
  if (answer.status !== 401 || !used || !(await isAboutTheToken(answer))) return answer
  // Another call may have refreshed it, or found that it can't be, while this one was under way.
  if (token === undefined) return answer
  const fresh = token !== used || (await session.refresh())
  if (!fresh) return answer
  await answer.text()
  return fetch(withToken(request))
}

/** A wrong password or code is a 401 too, and no reason to refresh. */
async function isAboutTheToken(answer: Response): Promise<boolean> {
  const body = (await answer
    .clone()
    .json()
    .catch(() => ({}))) as { code?: string }
  return !body.code || body.code.startsWith('token_') || body.code === 'session_ended'
}
