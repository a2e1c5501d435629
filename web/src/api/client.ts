import createClient from 'openapi-fetch'

import { Problem } from './problem'
import type { paths } from './schema'
import { authorizedFetch } from './session'

/** The API, typed by its OpenAPI document. Same origin, so that the refresh cookie goes along. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: authorizedFetch })

type Answer<T> = { data?: T; error?: unknown; response: Response }

/** The answer's body; throws a `Problem` for a refusal and a `TypeError` when there is no network. */
export async function call<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer
  if (!response.ok) throw Problem.from(response.status, error)
  return data as T
}

type Page<T> = { items: T[]; cursor?: string | null }

/**
 * All pages of a list, one after the other. For lists that are short by nature; long ones are loaded as they are
 * seen.
 */
export async function everyPage<T>(load: (cursor?: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page = await load(cursor)
    items.push(...page.items)
    cursor = page.cursor ?? undefined
  } while (cursor)
  return items
}
