import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { api, call } from '@/api/client'
import { useCan, useOrganization } from '@/features/organization/context'

/** How long what was bought may take to be told to us, in milliseconds between two questions. */
const SOON = 1500

/** The subscription and what can be bought, if the viewer may see that. While `awaited`, asks again and again. */
export function useSubscription(awaited = false) {
  const { organization } = useOrganization()
  const may = useCan('read_billing')
  const queries = useQueryClient()
  const query = useQuery({
    queryKey: ['org', organization.id, 'billing'],
    enabled: may,
    // Stripe's own pages change it too.
    refetchOnWindowFocus: 'always',
    refetchInterval: awaited && SOON,
    queryFn: () => call(api.GET('/v1/orgs/{org}/billing', { params: { path: { org: organization.id } } })),
  })
  const isOther = query.data && query.data.plan !== organization.plan
  const isOverdue = query.data && (query.data.standing !== 'good') !== !!organization.overdue_since
  useEffect(() => {
    if (isOther || isOverdue) void queries.invalidateQueries({ queryKey: ['organizations'] })
  }, [queries, isOther, isOverdue, query.dataUpdatedAt])
  return query
}
