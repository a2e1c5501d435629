import { CalendarDays } from 'lucide-react'
import { useEffect } from 'react'
import { useSearchParams } from 'react-router'

import { Empty, Loaded, Notice } from '@/components/states'
import { Badge, Bar, Card, CardTitle, Page, Table } from '@/components/surface'
import { useTeams } from '@/features/organization/api/use-teams'
import { Allowed } from '@/features/organization/context'
import { useI18n, type Key } from '@/i18n'

import { useSubscription } from './api/use-subscription'
import { useUsage } from './api/use-usage'
import { useBilling, useUsed } from './context'
import { Invoices } from './invoices'
import { isLive } from './offers'
import { Plans } from './plans'
import { Subscription } from './subscription'

/** The plan and how much of it is used, the subscription and its invoices, and what the other plans include. */
export default function PlanPage() {
  const { t } = useI18n()
  const [parameters, setParameters] = useSearchParams()
  const checkout = parameters.get('checkout')
  const subscription = useSubscription(checkout === 'done')
  const isThere = !!subscription.data && isLive(subscription.data.subscription)
  useEffect(() => {
    // What was bought has been told to us: the address is that of the page again.
    if (checkout === 'done' && isThere) setParameters({ checkout: 'ready' }, { replace: true })
  }, [checkout, isThere, setParameters])
  return (
    <Page title={t('nav.plan')}>
      <div className="grid gap-5">
        {checkout === 'done' && !isThere && <Notice>{t('billing.soon')}</Notice>}
        {checkout === 'ready' && <Notice tone="right">{t('billing.ready')}</Notice>}
        {checkout === 'canceled' && <Notice>{t('billing.notBought')}</Notice>}
        <div className="grid items-start gap-5 xl:grid-cols-2">
          <Usage />
          <Allowed to="read_billing">
            <Loaded query={subscription}>{(billing) => <Subscription billing={billing} />}</Loaded>
          </Allowed>
        </div>
        <Allowed to="read_billing">
          <Loaded query={subscription}>{(billing) => <Plans billing={billing} />}</Loaded>
          <Invoices />
        </Allowed>
        <Months />
      </div>
    </Page>
  )
}

/** What of the plan is used. */
function Usage() {
  const { t, named, format } = useI18n()
  const { name, plan } = useBilling()
  const used = useUsed()
  const rows: [Key, number | undefined, number | null][] = [
    ['plan.scripts', used.scripts, plan.scripts_a_month],
    ['plan.seats', used.seats, plan.seats],
  ]
  return (
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
      {!!used.charged && <p className="mt-5 text-sm">{t('plan.charged', { number: format.number(used.charged) })}</p>}
      <p className="mt-5 text-sm text-ink-soft">{t('plan.usageAbout')}</p>
    </Card>
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
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon={CalendarDays} title={t('plan.noMonths')} />
          ) : (
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
          )
        }
      </Loaded>
    </Card>
  )
}
