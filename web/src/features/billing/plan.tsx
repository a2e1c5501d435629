import { Check, Minus } from 'lucide-react'

import { Loaded } from '@/components/states'
import { Badge, Bar, Card, CardTitle, Page, Table } from '@/components/surface'
import { useTeams } from '@/features/organization/api/use-teams'
import { useI18n, type Key } from '@/i18n'

import { useUsage } from './api/use-usage'
import { PLAN_NAMES, PLANS, useBilling, useUsed } from './context'

const FEATURES = ['answer_groups', 'api_keys', 'audit_export']

/** The plan and how much of it is used; what the others include. */
export default function PlanPage() {
  const { t, named, format } = useI18n()
  const { name, plan } = useBilling()
  const used = useUsed()
  const rows: [Key, number | undefined, number | null][] = [
    ['plan.scripts', used.scripts, plan.scripts_a_month],
    ['plan.seats', used.seats, plan.seats],
  ]
  return (
    <Page title={t('nav.plan')}>
      <div className="grid gap-5">
        <Card>
          <CardTitle aside={<Badge tone="accent">{named('plan', name)}</Badge>}>{t('plan.usage')}</CardTitle>
          <div className="grid gap-6 sm:grid-cols-2">
            {rows.map(([key, taken, most]) => (
              <div key={key} className="grid gap-2">
                <p className="text-sm font-medium">{t(key)}</p>
                <p className="text-2xl font-semibold tabular-nums">
                  {taken === undefined ? '…' : format.number(taken)}{' '}
                  <span className="text-base font-normal text-ink-soft">
                    / {most === null ? t('plan.unlimited') : format.number(most)}
                  </span>
                </p>
                <Bar
                  label={`${t(key)}: ${taken ?? '…'} / ${most ?? t('plan.unlimited')}`}
                  parts={[
                    {
                      share: most ? Math.min((taken ?? 0) / most, 1) : 0,
                      className: most !== null && (taken ?? 0) > most ? 'bg-wrong' : 'bg-accent',
                    },
                  ]}
                />
              </div>
            ))}
          </div>
          <p className="mt-5 text-sm text-ink-soft">{t('plan.usageAbout')}</p>
        </Card>
        <Months />
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

/** Scripts of each month, the last one first, in all and of each team. */
function Months() {
  const { t, format } = useI18n()
  const usage = useUsage()
  const teams = useTeams()
  const team = (id: string) => teams.data?.find((it) => it.id === id)?.name ?? id
  return (
    <Card>
      <CardTitle>{t('plan.months')}</CardTitle>
      <Loaded query={usage}>
        {({ items }) => (
          <Table caption={t('plan.months')} head={[t('plan.month'), t('plan.team'), t('plan.counted')]}>
            {items
              .toSorted((a, b) => b.month.localeCompare(a.month))
              .map((it) => (
                <tr key={it.month + (it.team ?? '')}>
                  <td className="tabular-nums">{it.month}</td>
                  <td>{it.team ? team(it.team) : t('plan.allTeams')}</td>
                  <td className="tabular-nums">{format.number(it.scripts)}</td>
                </tr>
              ))}
          </Table>
        )}
      </Loaded>
    </Card>
  )
}
