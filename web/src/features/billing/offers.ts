import type { Api } from '@/api/types'

import { PLAN_NAMES, type PlanName } from './context'

export type Interval = Api<'Interval'>
type Billing = Api<'Billing'>

/** Whether there is a subscription that has begun and not ended. */
export const isLive = (subscription: Billing['subscription']) =>
  !!subscription && subscription.status !== 'canceled' && subscription.status !== 'incomplete'

/** What a plan costs at an interval, if it can be bought. */
export const offerOf = (billing: Billing, plan: PlanName, interval: Interval) =>
  billing.offers.find((it) => it.plan === plan && it.interval === interval)

/**
 * What can be done about a plan: it is the organization's own; it can be subscribed to, or changed to with what is paid
 * already taken into account; somebody must be asked; or nothing.
 */
export type Step = 'own' | 'subscribe' | 'change' | 'ask' | 'nothing'

export function stepTo(billing: Billing, plan: PlanName, interval: Interval): Step {
  const { subscription } = billing
  const live = isLive(subscription)
  if (live ? subscription?.plan === plan && subscription.interval === interval : billing.plan === plan) return 'own'
  // Back to what is free leads cancelling.
  if (plan === 'free' || billing.offers.length === 0) return 'nothing'
  if (!offerOf(billing, plan, interval)) return 'ask'
  // What an operator has agreed on with the organization isn't overwritten with less.
  if (!live && PLAN_NAMES.indexOf(plan) < PLAN_NAMES.indexOf(billing.plan)) return 'nothing'
  return live ? 'change' : 'subscribe'
}

/** How many months a year costs nothing, if it is cheaper. */
export function monthsFree(billing: Billing, plan: PlanName): number {
  const [month, year] = [offerOf(billing, plan, 'month'), offerOf(billing, plan, 'year')]
  return month && year ? Math.max(0, Math.floor(12 - year.amount / month.amount)) : 0
}
