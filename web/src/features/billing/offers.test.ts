import { expect, it } from 'vitest'

import type { Api } from '@/api/types'

import { PLAN_NAMES } from './context'
import { monthsFree, stepTo } from './offers'

type Billing = Api<'Billing'>

const OFFERS: Billing['offers'] = [
  { plan: 'teacher', interval: 'month', amount: 1200, currency: 'eur', trial_days: 14 },
  { plan: 'teacher', interval: 'year', amount: 12_000, currency: 'eur', trial_days: 14 },
  { plan: 'school', interval: 'month', amount: 19_900, currency: 'eur', trial_days: 30 },
  { plan: 'school', interval: 'year', amount: 199_000, currency: 'eur', trial_days: 30 },
]

const FREE: Billing = { plan: 'free', subscription: null, standing: 'good', grace_ends_at: null, offers: OFFERS }

const subscribed = (status: Api<'SubscriptionStatus'>): Billing => ({
  ...FREE,
  plan: status === 'canceled' ? 'free' : 'teacher',
  subscription: {
    status,
    plan: 'teacher',
    interval: 'month',
    seats: 2,
    current_period_end: '2026-12-27T09:00:00Z',
    cancels_at: null,
    trial_ends_at: null,
  },
})

const steps = (billing: Billing, interval: Api<'Interval'>) => PLAN_NAMES.map((it) => stepTo(billing, it, interval))

it('offers what is larger to whom has nothing yet', () => {
  expect(steps(FREE, 'month')).toEqual(['own', 'subscribe', 'subscribe', 'ask'])
  expect(steps(subscribed('canceled'), 'year')).toEqual(['own', 'subscribe', 'subscribe', 'ask'])
  expect(steps(subscribed('incomplete'), 'year')).toContain('subscribe')
})

it('changes a subscription, and also how often it is paid', () => {
  for (const status of ['trialing', 'active', 'past_due', 'unpaid', 'paused'] as const) {
    expect(steps(subscribed(status), 'month')).toEqual(['nothing', 'own', 'change', 'ask'])
    expect(steps(subscribed(status), 'year')).toEqual(['nothing', 'change', 'change', 'ask'])
  }
})

it('leaves alone what was agreed on with a person', () => {
  expect(steps({ ...FREE, plan: 'district' }, 'month')).toEqual(['nothing', 'nothing', 'nothing', 'own'])
  expect(steps({ ...FREE, plan: 'teacher' }, 'month')).toEqual(['nothing', 'own', 'subscribe', 'ask'])
})

it('offers nothing where nothing can be bought', () => {
  expect(steps({ ...FREE, offers: [] }, 'month')).toEqual(['own', 'nothing', 'nothing', 'nothing'])
})

it('counts the months that a year saves', () => {
  expect(monthsFree(FREE, 'teacher')).toBe(2)
  expect(monthsFree(FREE, 'district')).toBe(0)
  const dearer = OFFERS.map((it) => (it.interval === 'year' ? { ...it, amount: 20_000 } : it))
  expect(monthsFree({ ...FREE, offers: dearer }, 'teacher')).toBe(0)
})
