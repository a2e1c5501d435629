import { createContext, use, useMemo, type ReactNode } from 'react'

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
}

/** What each plan includes: the table that the service itself goes by. */
export const PLANS: Record<PlanName, Plan> = table.plans
export const PLAN_NAMES = Object.keys(PLANS) as PlanName[]

/** The smallest plan with a feature. */
export const planWith = (feature: string) => PLAN_NAMES.find((name) => PLANS[name].features.includes(feature))

type Billing = {
  name: PlanName
  plan: Plan
  includes: (feature: string) => boolean
}

const Context = createContext<Billing | null>(null)

/** The plan of the organization. */
export function BillingProvider({ children }: { children: ReactNode }) {
  const name = useOrganization().organization.plan ?? 'free'
  const value = useMemo<Billing>(() => {
    const plan = PLANS[name]
    return { name, plan, includes: (it) => plan.features.includes(it) }
  }, [name])
  return <Context value={value}>{children}</Context>
}

export function useBilling(): Billing {
  const value = use(Context)
  if (!value) throw new Error('useBilling outside of BillingProvider')
  return value
}

/** How many seats and, this month, scripts are used; nothing as long as that isn't known. */
export function useUsed(): { seats: number | undefined; scripts: number | undefined } {
  const { data } = useUsage()
  const sum = data?.items.find((it) => it.month === data.month && !it.team)
  return { seats: data?.seats_taken, scripts: data && (sum?.scripts ?? 0) }
}
