import { createContext } from 'react'

import { Problem } from '@/api/problem'

/** Where the plan and the payment can be changed; nothing without a plan, or for those who may not change it. */
export const PlanPage = createContext<string | null>(null)

/** Whether another plan, a payment, or the end of the subscription would allow what was refused. */
export const isOfPlan = (error: unknown) =>
  error instanceof Problem && (error.status === 402 || error.code === 'subscription_alive')
