import { useBilling } from '@/features/billing/context'
import { FromPlan } from '@/features/billing/from-plan'
import { ApiKeys } from '@/features/organization/api-keys'

/** The API keys of the organization, as far as its plan has them. */
export default function ApiKeysPage() {
  const { includes } = useBilling()
  return <ApiKeys isInPlan={includes('api_keys')} fromPlan={<FromPlan feature="api_keys" />} />
}
