import { createContext, use, useMemo, type ReactNode } from 'react'

import { PlanPage } from '@/components/plan-page'
import { useOrganization } from '@/features/organization/context'
import table from '@shared/billing/plans.json'

import { useUsage } from './api/use-usage'

export type PlanName = keyof typeof table.plans
export type Plan = {
  seats: number | null
  scripts_a_month: number
  features: string[]
  overage: string
  trial_days: number
  price?: { currency: string; overage?: number | null }
}

/** What each plan includes: the table that the service itself goes by. */
export const PLANS: Record<PlanName, Plan> = table.plans
export const PLAN_NAMES = Object.keys(PLANS) as PlanName[]

/** The smallest plan with a feature. */
export const planWith = (feature: string) => PLAN_NAMES.find((name) => PLANS[name].features.includes(feature))

/** Until when everything works although a payment is missing since then. */
export const graceEndsAt = (since: string) =>
  new Date(new Date(since).getTime() + table.grace_days * 86_400_000).toISOString()

/** Whether nothing can be changed any more, because a payment is missing since then. */
export const isReadOnly = (since: string, now = Date.now()) => new Date(graceEndsAt(since)).getTime() <= now

type Billing = {
  name: PlanName
  plan: Plan
  includes: (feature: string) => boolean
}

const Context = createContext<Billing | null>(null)

/** The plan of the organization. */
export function BillingProvider({ children }: { children: ReactNode }) {
  const { organization, can } = useOrganization()
  const name = organization.plan ?? 'free'
  const value = useMemo<Billing>(() => {
    const plan = PLANS[name]
    return { name, plan, includes: (it) => plan.features.includes(it) }
  }, [name])
  return (
    <Context value={value}>
      <PlanPage value={can('manage_billing') ? `/o/${organization.id}/plan` : null}>{children}</PlanPage>
    </Context>
  )
}

export function useBilling(): Billing {
  const value = use(Context)
  if (!value) throw new Error('useBilling outside of BillingProvider')
  return value
}

/** How many seats and, this month, scripts are used; nothing as long as that isn't known. */
export function useUsed(): Record<'seats' | 'scripts' | 'charged', number | undefined> {
  const { data } = useUsage()
  const sum = data?.items.find((it) => it.month === data.month && !it.team)
  return { seats: data?.seats_taken, scripts: data && (sum?.scripts ?? 0), charged: data?.scripts_charged }
}
