import { useMutation, useQueryClient } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

type Change = { kind: 'cancel' } | { kind: 'resume' } | ({ kind: 'change' } & Api<'PlanChange'>)

/** Changes the plan as it was previewed, cancels at the end of what is paid, or takes that back. */
export function useChangeSubscription() {
  const org = useOrgId()
  const queries = useQueryClient()
  const params = { path: { org } }
  return useMutation({
    // Without a network it fails at once, rather than to happen later behind somebody's back.
    networkMode: 'always',
    mutationFn: ({ kind, ...wanted }: Change) => {
      if (kind === 'cancel') return call(api.POST('/v1/orgs/{org}/billing/cancel', { params }))
      if (kind === 'resume') return call(api.POST('/v1/orgs/{org}/billing/resume', { params }))
      return call(api.POST('/v1/orgs/{org}/billing/change', { params, body: wanted as Api<'PlanChange'> }))
    },
    onSuccess: async (billing) => {
      queries.setQueryData(['org', org, 'billing'], billing)
      await queries.invalidateQueries({ queryKey: ['organizations'] })
      await queries.invalidateQueries({ queryKey: ['org', org, 'invoices'] })
    },
  })
}
