import type { FormEvent } from 'react'

/** A form's fields as they were filled in. */
export function filledIn(event: FormEvent<HTMLFormElement>): Record<string, string> {
  event.preventDefault()
  return Object.fromEntries([...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value)]))
}
