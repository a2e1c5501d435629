import { Sparkles } from 'lucide-react'

import { useI18n } from '@/i18n'

import { planWith, useBilling } from './context'

/** Says which plan has a feature, where the organization's own has not. */
export function FromPlan({ feature }: { feature: string }) {
  const { t, named } = useI18n()
  const { includes } = useBilling()
  const plan = planWith(feature)
  if (includes(feature) || !plan) return null
  return (
    <p className="flex items-center gap-2 text-sm text-ink-soft">
      <Sparkles aria-hidden className="size-4 text-accent" />
      {t('plan.from', { feature: named('feature', feature), plan: named('plan', plan) })}
    </p>
  )
}
