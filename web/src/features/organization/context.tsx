import { createContext, use, useCallback, useMemo, type ReactNode } from 'react'
import { Navigate, useParams } from 'react-router'

import type { Api } from '@/api/types'
import { Skeleton, Wrong } from '@/components/states'
import { useAuth } from '@/features/auth/context'

import { useOrganizations } from './api/use-organizations'
import { usePermissions } from './api/use-permissions'

export type Permission = Api<'Permission'>
type Value = {
  organization: Api<'Organization'>
  membership: Api<'Membership'>
  /** All organizations of the viewer. */
  all: Api<'OrganizationOfCaller'>[]
  /** How far the viewer's role reaches with a permission; nothing if not at all. */
  scope: (permission: Permission) => Api<'Scope'> | undefined
  can: (permission: Permission) => boolean
}

const Context = createContext<Value | null>(null)

/** The organization in the address, the viewer's role in it, and what that role may do. */
export function OrganizationProvider({ children }: { children: ReactNode }) {
  const { org } = useParams()
  const isIn = useAuth().kind === 'in'
  const organizations = useOrganizations()
  const permissions = usePermissions()
  const found = organizations.data?.find((item) => item.organization.id === org)
  const rows = permissions.data?.items
  const role = found?.membership.role
  const scope = useCallback(
    (permission: Permission) => (role ? rows?.find((row) => row.permission === permission)?.scopes[role] : undefined),
    [rows, role],
  )
  const value = useMemo(
    () => found && { ...found, all: organizations.data ?? [], scope, can: (p: Permission) => scope(p) !== undefined },
    [found, organizations.data, scope],
  )
  const error = organizations.error ?? permissions.error
  if (isIn && error && !value) {
    return <Wrong error={error} again={() => void (organizations.refetch(), permissions.refetch())} />
  }
  if (!organizations.data || !rows) return <Skeleton className="mx-auto pt-24 max-w-3xl px-4" />
  // An organization that isn't one's own looks as one that doesn't exist.
  if (!value) return <Navigate replace to="/" />
  return <Context value={value}>{children}</Context>
}

export function useOrganization(): Value {
  const value = use(Context)
  if (!value) throw new Error('useOrganization outside of OrganizationProvider')
  return value
}

export const useOrgId = () => useOrganization().organization.id

export const useCan = (permission: Permission) => useOrganization().can(permission)

/** Shows its children only to those whose role allows it. */
export const Allowed = ({ to, children }: { to: Permission; children: ReactNode }) => (useCan(to) ? children : null)
