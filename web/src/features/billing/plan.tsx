import { Check, Minus } from 'lucide-react'

import { Badge, Bar, Card, CardTitle, Page, Table } from '@/components/surface'
import { useI18n, type Key } from '@/i18n'

import { PLAN_NAMES, PLANS, useBilling, useUsage } from './context'

const FEATURES = ['answer_groups', 'api_keys', 'audit_export']

/** The plan and how much of it is used; what the others include. */
export default function PlanPage() {
  const { t, named, format } = useI18n()
  const { name, plan } = useBilling()
  const usage = useUsage()
  const rows: [Key, number | undefined, number | null][] = [
    ['plan.scripts', usage.scripts, plan.scripts_a_month],
    ['plan.seats', usage.seats, plan.seats],
  ]
  return (
    <Page title={t('nav.plan')}>
      <div className="grid gap-5">
        <Card>
          <CardTitle aside={<Badge tone="accent">{named('plan', name)}</Badge>}>{t('plan.usage')}</CardTitle>
          <div className="grid gap-6 sm:grid-cols-2">
            {rows.map(([key, used, most]) => (
              <div key={key} className="grid gap-2">
                <p className="text-sm font-medium">{t(key)}</p>
                <p className="text-2xl font-semibold tabular-nums">
                  {used === undefined ? '…' : format.number(used)}{' '}
                  <span className="text-base font-normal text-ink-soft">
                    / {most === null ? t('plan.unlimited') : format.number(most)}
                  </span>
                </p>
                <Bar
                  label={`${t(key)}: ${used ?? '…'} / ${most ?? t('plan.unlimited')}`}
                  parts={[
                    {
                      share: most ? Math.min((used ?? 0) / most, 1) : 0,
                      className: most !== null && (used ?? 0) > most ? 'bg-wrong' : 'bg-accent',
                    },
                  ]}
                />
              </div>
            ))}
          </div>
          <p className="mt-5 text-sm text-ink-soft">{t('plan.usageAbout')}</p>
        </Card>
        <Card>
          <CardTitle>{t('plan.all')}</CardTitle>
          <Table caption={t('plan.all')} head={[t('nav.plan'), ...PLAN_NAMES.map((it) => named('plan', it))]}>
            <tr>
              <th scope="row" className="px-4 text-left font-medium">
                {t('plan.seats')}
              </th>
              {PLAN_NAMES.map((it) => (
                <td key={it}>{PLANS[it].seats === null ? t('plan.unlimited') : format.number(PLANS[it].seats)}</td>
              ))}
            </tr>
            <tr>
              <th scope="row" className="px-4 text-left font-medium">
                {t('plan.scripts')}
              </th>
              {PLAN_NAMES.map((it) => (
                <td key={it}>{format.number(PLANS[it].scripts_a_month)}</td>
              ))}
            </tr>
            <tr>
              <th scope="row" className="px-4 text-left font-medium">
                {t('plan.beyond')}
              </th>
              {PLAN_NAMES.map((it) => (
                <td key={it}>{named('overage', PLANS[it].overage)}</td>
              ))}
            </tr>
            {FEATURES.map((feature) => (
              <tr key={feature}>
                <th scope="row" className="px-4 py-3 text-left font-medium">
                  {named('feature', feature)}
                </th>
                {PLAN_NAMES.map((it) => (
                  <td key={it}>
                    {PLANS[it].features.includes(feature) ? (
                      <Check aria-label={t('common.yes')} className="size-4 text-good" />
                    ) : (
                      <Minus aria-label={t('common.no')} className="size-4 text-ink-soft" />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </Table>
          <p className="mt-4 text-sm text-ink-soft">{t('plan.change')}</p>
        </Card>
      </div>
    </Page>
  )
}
