import { useEffect, useState } from 'react'

/**
 * The token of a mailed link. It stands behind `#`, which no server sees, and is taken out of the address at once, so
 * that it stays in no history either.
 */
export function useHashToken(): string {
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get('token') ?? '')
  useEffect(() => {
    if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)
  }, [])
  return token
}
