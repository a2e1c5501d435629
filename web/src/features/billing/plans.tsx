import { Check, Minus } from 'lucide-react'
import { useState, type ReactNode } from 'react'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Choice } from '@/components/choice'
import { FormError, Notice } from '@/components/states'
import { Badge, Card, CardTitle, Table } from '@/components/surface'
import { useCan } from '@/features/organization/context'
import { useI18n } from '@/i18n'

import { useStripePage } from './api/use-stripe-page'
import { ChangePlan } from './change-plan'
import { PLAN_NAMES, PLANS, type PlanName } from './context'
import { isLive, monthsFree, offerOf, stepTo, type Interval } from './offers'
import { useMoney } from './use-money'

const FEATURES = ['answer_groups', 'api_keys', 'audit_export']

/** What each plan includes and costs, and the way to it. */
export function Plans({ billing }: { billing: Api<'Billing'> }) {
  const { t, named, format } = useI18n()
  const { every } = useMoney()
  const may = useCan('manage_billing')
  const { subscription, offers } = billing
  const own = isLive(subscription) ? subscription?.interval : undefined
  const [interval, setInterval] = useState<Interval>(own ?? 'month')
  const [wanted, setWanted] = useState<Api<'Offer'>>()
  const checkout = useStripePage()
  const price = (plan: PlanName) => {
    const offer = offerOf(billing, plan, interval)
    if (!offer) return t(plan === 'free' ? 'billing.free' : offers.length ? 'billing.ask' : 'billing.notOffered')
    return every(offer.amount, offer.currency, interval)
  }
  const saved = Math.max(...PLAN_NAMES.map((it) => monthsFree(billing, it)))
  const rows: [string, (plan: PlanName) => ReactNode][] = [
    [t('billing.price'), price],
    [t('plan.seats'), (it) => (PLANS[it].seats === null ? t('plan.unlimited') : format.number(PLANS[it].seats))],
    [t('billing.scriptsAMonth'), (it) => format.number(PLANS[it].scripts_a_month)],
    [t('plan.beyond'), (it) => <Beyond plan={it} />],
    ...FEATURES.map((feature): [string, (plan: PlanName) => ReactNode] => [
      named('feature', feature),
      (it) =>
        PLANS[it].features.includes(feature) ? (
          <Check aria-label={t('common.yes')} className="size-4 text-good" />
        ) : (
          <Minus aria-label={t('common.no')} className="size-4 text-ink-soft" />
        ),
    ]),
  ]
  return (
    <Card>
      <CardTitle
        aside={
          offers.length > 0 && (
            <Choice
              label={t('billing.interval')}
              value={interval}
              onChange={setInterval}
              options={[
                ['month', t('billing.monthly')],
                ['year', t('billing.yearly')],
              ]}
            />
          )
        }
      >
        {t('plan.all')}
      </CardTitle>
      <Table caption={t('plan.all')} head={[t('nav.plan'), ...PLAN_NAMES.map((it) => named('plan', it))]}>
        {rows.map(([name, cell]) => (
          <tr key={name}>
            <th scope="row" className="px-4 py-3 text-left font-medium">
              {name}
            </th>
            {PLAN_NAMES.map((it) => (
              <td key={it} className="min-w-28">
                {cell(it)}
              </td>
            ))}
          </tr>
        ))}
        {may && (
          <tr>
            <th scope="row" className="px-4 py-3 text-left font-medium">
              {t('billing.choose')}
            </th>
            {PLAN_NAMES.map((it) => (
              <td key={it} className="whitespace-nowrap">
                <Way
                  billing={billing}
                  plan={it}
                  interval={interval}
                  busy={checkout.isPending}
                  onSubscribe={() => checkout.mutate({ plan: it, interval })}
                  onChange={() => setWanted(offerOf(billing, it, interval))}
                />
              </td>
            ))}
          </tr>
        )}
      </Table>
      <div className="mt-4 grid gap-3 text-sm text-ink-soft">
        <FormError error={checkout.error} />
        {offers.length === 0 ? (
          <Notice>{t('billing.notSetUp')}</Notice>
        ) : (
          <p>
            {saved > 0 && t('billing.yearSaves', { count: saved })} {t('billing.about')}
          </p>
        )}
      </div>
      {wanted && <ChangePlan offer={wanted} onClose={() => setWanted(undefined)} />}
    </Card>
  )
}

/** What happens to scripts beyond a plan's quota. */
function Beyond({ plan }: { plan: PlanName }) {
  const { t, named } = useI18n()
  const { amount } = useMoney()
  const { overage, price } = PLANS[plan]
  if (!price?.overage) return named('overage', overage)
  return t('billing.each', { amount: amount(price.overage, price.currency) })
}

type WayProps = {
  billing: Api<'Billing'>
  plan: PlanName
  interval: Interval
  busy: boolean
  onSubscribe: () => void
  onChange: () => void
}

/** The way to a plan. */
function Way({ billing, plan, interval, busy, onSubscribe, onChange }: WayProps) {
  const { t, named } = useI18n()
  const step = stepTo(billing, plan, interval)
  const name = named('plan', plan)
  const trialDays = offerOf(billing, plan, interval)?.trial_days ?? 0
  if (step === 'own') return <Badge tone="accent">{t('billing.own')}</Badge>
  if (step === 'ask') return t('billing.askUs')
  if (step === 'change') {
    const isSame = billing.subscription?.plan === plan
    return (
      <Button small onClick={onChange}>
        {isSame
          ? t(interval === 'month' ? 'billing.payMonthly' : 'billing.payYearly')
          : t('billing.changeTo', { plan: name })}
      </Button>
    )
  }
  if (step === 'subscribe') {
    return (
      <Button small busy={busy} onClick={onSubscribe}>
        {trialDays ? t('billing.try', { plan: name, count: trialDays }) : t('billing.subscribeTo', { plan: name })}
      </Button>
    )
  }
  return <span className="text-ink-soft">–</span>
}
