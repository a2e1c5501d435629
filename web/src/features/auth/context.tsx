import { useQueryClient } from '@tanstack/react-query'
import { createContext, use, useEffect, useSyncExternalStore, type ReactNode } from 'react'
import { Navigate, Outlet, useLocation } from 'react-router'

import { session, type SessionState } from '@/api/session'
import { Skeleton } from '@/components/states'

const Context = createContext<SessionState>({ kind: 'unknown' })

/** Who is logged in. At the first load the refresh cookie tells. */
export function AuthProvider({ children }: { children: ReactNode }) {
  const state = useSyncExternalStore(session.subscribe, session.state)
  const queries = useQueryClient()
  useEffect(() => {
    if (session.state().kind === 'unknown') {
      session.refresh().then(
        (went) => !went && session.state().kind === 'unknown' && session.end(),
        () => session.end(),
      )
    }
  }, [])
  // What one person has seen, the next one at this browser must not.
  useEffect(() => {
    if (state.kind === 'out') queries.clear()
  }, [state, queries])
  return <Context value={state}>{children}</Context>
}

export const useAuth = () => use(Context)

/** The id of the person who is logged in; empty if nobody is. */
export const useUserId = () => {
  const state = use(Context)
  return state.kind === 'in' ? state.userId : ''
}

/** Lets in only who is logged in; others come back here after they have. */
export function LoggedIn() {
  const state = useAuth()
  const { pathname, search } = useLocation()
  if (state.kind === 'unknown') return <Skeleton className="mx-auto pt-24 max-w-xl px-4" />
  if (state.kind === 'in') return <Outlet />
  const to = new URLSearchParams({ next: pathname + search, ...(state.expired ? { expired: '1' } : {}) })
  return <Navigate replace to={pathname === '/' ? '/log-in' : `/log-in?${to}`} />
}
