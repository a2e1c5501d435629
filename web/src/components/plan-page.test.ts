import { expect, it } from 'vitest'

import { Problem } from '@/api/problem'

import { isOfPlan } from './plan-page'

it('leads to the plan where the plan or the payment is why', () => {
  const refused = (status: number, code: string) => isOfPlan(new Problem(status, code, ''))
  for (const code of [
    'quota_exhausted',
    'feature_not_in_plan',
    'seats_exhausted',
    'payment_overdue',
    'payment_failed',
  ]) {
    expect(refused(402, code)).toBe(true)
  }
  expect([refused(409, 'subscription_alive'), refused(409, 'last_owner'), refused(403, 'forbidden')]).toEqual([
    true,
    false,
    false,
  ])
  expect(isOfPlan(new TypeError('network'))).toBe(false)
})
