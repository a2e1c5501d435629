import { Sparkles } from 'lucide-react'
import { use } from 'react'
import { Link } from 'react-router'

import { PlanPage } from '@/components/plan-page'
import { useI18n } from '@/i18n'

import { planWith, useBilling } from './context'

/** Says which plan has a feature, where the organization's own has not. */
export function FromPlan({ feature }: { feature: string }) {
  const { t, named } = useI18n()
  const { includes } = useBilling()
  const plan = planWith(feature)
  const planPage = use(PlanPage)
  if (includes(feature) || !plan) return null
  return (
    <p className="flex flex-wrap items-center gap-2 text-sm text-ink-soft">
      <Sparkles aria-hidden className="size-4 text-accent" />
      {t('plan.from', { feature: named('feature', feature), plan: named('plan', plan) })}
      {planPage && (
        <Link to={planPage} className="font-medium text-accent underline underline-offset-4">
          {t('billing.toPlan')}
        </Link>
      )}
    </p>
  )
}
