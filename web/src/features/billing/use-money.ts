import { useI18n } from '@/i18n'

import { money } from './money'
import type { Interval } from './offers'

/** Amounts, in their currency's smallest unit, as the viewer's language writes them. */
export function useMoney() {
  const { t, language } = useI18n()
  const amount = (value: number, currency: string) => money(language, value, currency)
  return {
    amount,
    /** What is paid every month or year. */
    every: (value: number, currency: string, interval: Interval) =>
      t(interval === 'month' ? 'billing.aMonth' : 'billing.aYear', { amount: amount(value, currency) }),
  }
}
