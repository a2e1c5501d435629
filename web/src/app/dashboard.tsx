import { useQueries } from '@tanstack/react-query'
import { CircleCheck, ClipboardList, ScrollText, TriangleAlert } from 'lucide-react'
import { Link, Navigate } from 'react-router'

import { ButtonLink } from '@/components/button'
import { Empty, Loaded, Missing, Skeleton, Wrong } from '@/components/states'
import { Badge, Bar, Card, CardTitle, Page } from '@/components/surface'
import { ProgressBar } from '@/features/assessments/progress'
import { assessmentQuery } from '@/features/assessments/api/use-assessment'
import { useAssessments } from '@/features/assessments/api/use-assessments'
import { AuditLine } from '@/features/audit/line'
import { useAuditLog } from '@/features/audit/api/use-audit-log'
import { useBilling, useUsed } from '@/features/billing/context'
import { useAccount } from '@/features/auth/api/use-account'
import { useOrganization } from '@/features/organization/context'
import { useI18n } from '@/i18n'

/** So many of the newest assessments are listed. */
const SHOWN = 12
/** Among so many of the newest it is looked for what needs somebody. */
const LOOKED_AT = 60

/** What is going on, what needs me now, what has happened, how much of the plan is used. */
export default function Dashboard() {
  const { t } = useI18n()
  const { organization, membership, can } = useOrganization()
  const account = useAccount()
  if (membership.role === 'student') return <Navigate replace to="feedback" />
  const name = account.data?.name.split(' ')[0]
  return (
    <Page title={name ? t('dashboard.hello', { name }) : t('nav.dashboard')} about={organization.name}>
      <div className="grid items-start gap-5 xl:grid-cols-[2fr_1fr]">
        <div className="grid gap-5">{can('read_assessments') && <Assessments />}</div>
        <div className="grid gap-5">
          {can('read_usage') && <Quota />}
          {can('read_audit') && <Activity />}
        </div>
      </div>
    </Page>
  )
}

function Assessments() {
  const { t } = useI18n()
  const { organization, can } = useOrganization()
  const base = `/o/${organization.id}/assessments`
  const assessments = useAssessments()
  const all = assessments.data ?? []
  const newest = all.toSorted((a, b) => b.created_at.localeCompare(a.created_at)).slice(0, LOOKED_AT)
  const found = useQueries({ queries: newest.map((it) => assessmentQuery(organization.id, it.id)) })
  const looked = newest.map((assessment, i) => ({
    assessment,
    progress: found[i]?.data?.progress,
    error: found[i]?.error,
  }))
  const shown = looked.slice(0, SHOWN)
  const failed = found.find((query) => query.error && !query.data)
  const needed = looked.filter(({ progress }) => progress && (progress.needs_review > 0 || progress.failed > 0))
  // Both cards at once, so that the second does not jump when the first turns out to be long.
  const isThere = (query: { data: unknown; error: unknown; fetchStatus: string }) =>
    query.data ?? query.error ?? query.fetchStatus === 'paused'
  const isReady = isThere(assessments) && found.every(isThere)
  if (!isReady) return <Skeleton lines={6} />
  return (
    <>
      <Card>
        <CardTitle>{t('dashboard.needsMe')}</CardTitle>
        {failed && <Wrong error={failed.error} again={() => found.forEach((query) => void query.refetch())} />}
        {assessments.data && !failed && found.every((query) => query.data) && needed.length === 0 && (
          <p className="flex items-center gap-2 text-sm text-ink-soft">
            <CircleCheck aria-hidden className="size-5 text-good" />
            {t('dashboard.nothing')}
          </p>
        )}
        <Missing query={assessments} />
        {all.length > LOOKED_AT && (
          <p className="mb-3 text-sm text-ink-soft">{t('dashboard.newest', { count: LOOKED_AT })}</p>
        )}
        <ul className="grid gap-2">
          {needed.map(({ assessment, progress }) => (
            <li key={assessment.id} className="flex flex-wrap items-center gap-3 rounded-xl bg-doubt-soft/60 px-4 py-3">
              <TriangleAlert aria-hidden className="size-5 text-doubt" />
              <span className="min-w-0 flex-1 text-sm font-medium">{assessment.title}</span>
              {progress && progress.failed > 0 && (
                <Link to={`${base}/${assessment.id}`} className="text-sm text-wrong underline underline-offset-4">
                  {t('dashboard.failed', { count: progress.failed })}
                </Link>
              )}
              {progress && progress.needs_review > 0 && can('grade') && (
                <ButtonLink small to={`${base}/${assessment.id}/review`}>
                  {t('dashboard.review', { count: progress.needs_review })}
                </ButtonLink>
              )}
            </li>
          ))}
        </ul>
      </Card>
      <Card>
        <CardTitle
          aside={
            <Link to={base} className="text-sm text-accent underline underline-offset-4">
              {t('dashboard.all')}
            </Link>
          }
        >
          {t('nav.assessments')}
        </CardTitle>
        <Loaded query={assessments}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon={ClipboardList} title={t('assessments.none')}>
                {can('manage_assessments') && <ButtonLink to={base}>{t('assessments.new')}</ButtonLink>}
              </Empty>
            ) : (
              <ul className="grid divide-y divide-line">
                {shown.map(({ assessment, progress, error }) => (
                  <li key={assessment.id} className="grid gap-2.5 py-4 first:pt-0 last:pb-0">
                    <div className="flex flex-wrap items-center gap-2">
                      <Link to={`${base}/${assessment.id}`} className="font-medium underline-offset-4 hover:underline">
                        {assessment.title}
                      </Link>
                      {assessment.release && !assessment.release.withdrawn_at && (
                        <Badge tone="right">{t('assessments.released')}</Badge>
                      )}
                    </div>
                    {progress ? <ProgressBar progress={progress} /> : !error && <Skeleton lines={1} />}
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </Card>
    </>
  )
}

function Quota() {
  const { t, named, format } = useI18n()
  const { organization, can } = useOrganization()
  const { plan } = useBilling()
  const usage = useUsed()
  const rows = [
    { key: 'plan.scripts', used: usage.scripts, most: plan.scripts_a_month },
    { key: 'plan.seats', used: usage.seats, most: plan.seats },
  ] as const
  return (
    <Card>
      <CardTitle
        aside={
          can('read_billing') && (
            <Link to={`/o/${organization.id}/plan`} className="text-sm text-accent underline underline-offset-4">
              {t('nav.plan')}
            </Link>
          )
        }
      >
        {t('plan.usage')}: {named('plan', organization.plan ?? 'free')}
      </CardTitle>
      <div className="grid gap-4">
        {rows.map(({ key, used, most }) => (
          <div key={key} className="grid gap-1.5 text-sm">
            <div className="flex justify-between gap-3">
              <span>{t(key)}</span>
              <span className="text-ink-soft tabular-nums">
                {used === undefined ? '…' : format.number(used)} / {most === null ? '∞' : format.number(most)}
              </span>
            </div>
            <Bar
              label={`${t(key)}: ${used ?? '…'} / ${most ?? '∞'}`}
              parts={[
                {
                  share: most ? Math.min((used ?? 0) / most, 1) : 0,
                  className: (used ?? 0) > (most ?? Infinity) ? 'bg-wrong' : 'bg-accent',
                },
              ]}
            />
          </div>
        ))}
      </div>
    </Card>
  )
}

function Activity() {
  const { t } = useI18n()
  const { organization } = useOrganization()
  const log = useAuditLog({}, 8)
  const query = { ...log, data: log.data?.pages[0]?.items }
  return (
    <Card>
      <CardTitle
        aside={
          <Link to={`/o/${organization.id}/audit`} className="text-sm text-accent underline underline-offset-4">
            {t('nav.audit')}
          </Link>
        }
      >
        {t('dashboard.activity')}
      </CardTitle>
      <Loaded query={query}>
        {(items) =>
          items.length === 0 ? (
            <Empty icon={ScrollText} title={t('audit.none')} />
          ) : (
            <ul className="grid gap-3">
              {items.map((entry) => (
                <AuditLine key={entry.id} entry={entry} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  )
}
