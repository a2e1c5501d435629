import { useMutation } from '@tanstack/react-query'

import { api, call } from '@/api/client'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

/** Goes to the page of Stripe's where what is wanted is subscribed to; without anything wanted, to the portal. */
export function useStripePage() {
  const org = useOrgId()
  const params = { path: { org } }
  return useMutation({
    networkMode: 'always',
    mutationFn: async (wanted: Api<'Wanted'> | undefined) => {
      const { url } = await (wanted
        ? call(api.POST('/v1/orgs/{org}/billing/checkout', { params, body: wanted }))
        : call(api.POST('/v1/orgs/{org}/billing/portal', { params })))
      location.assign(url)
      // The button stays busy until the other page is there.
      await new Promise((done) => setTimeout(done, 5000))
    },
  })
}
