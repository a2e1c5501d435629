import { CircleAlert, CircleCheck, Info, TriangleAlert, WifiOff, type LucideIcon } from 'lucide-react'
import { use, type ReactNode } from 'react'
import { Link } from 'react-router'

import { codeOf, Problem } from '@/api/problem'
import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'

import { Button } from './button'
import { isOfPlan, PlanPage } from './plan-page'

/** Grey bars where something is on its way. Its place is kept, so that nothing jumps. */
export function Skeleton({ lines = 4, className }: { lines?: number; className?: string }) {
  const { t } = useI18n()
  return (
    <div role="status" aria-label={t('common.loading')} className={cn('grid gap-3', className)}>
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} className={cn('h-12 animate-pulse rounded-lg bg-sunken', i === lines - 1 && 'w-3/4')} />
      ))}
    </div>
  )
}

/** Says that there is nothing yet, and what to do about it. */
export function Empty({ icon: Icon, title, children }: { icon: LucideIcon; title: ReactNode; children?: ReactNode }) {
  return (
    <div className="grid justify-items-center gap-3 rounded-2xl border border-dashed border-line px-6 py-12 text-center">
      <span className="grid size-12 place-items-center rounded-full bg-accent-soft text-accent">
        <Icon aria-hidden className="size-6" />
      </span>
      <p className="font-medium">{title}</p>
      {children && <div className="grid max-w-prose justify-items-center gap-4 text-sm text-ink-soft">{children}</div>}
    </div>
  )
}

type Tone = 'info' | 'right' | 'doubt' | 'wrong'

const TONES: Record<Tone, [string, LucideIcon]> = {
  info: ['bg-info-soft text-info', Info],
  right: ['bg-good-soft text-good', CircleCheck],
  doubt: ['bg-doubt-soft text-doubt', TriangleAlert],
  wrong: ['bg-wrong-soft text-wrong', CircleAlert],
}

/** A sentence that must be seen. */
export function Notice({
  tone = 'info',
  children,
  className,
}: {
  tone?: Tone
  children: ReactNode
  className?: string
}) {
  const [colours, Icon] = TONES[tone]
  return (
    <div
      role={tone === 'wrong' ? 'alert' : 'status'}
      className={cn('flex items-start gap-3 rounded-xl px-4 py-3 text-sm', colours, className)}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="grid min-w-0 gap-2">{children}</div>
    </div>
  )
}

/** What went wrong, in the user's words, and a way to try again. */
export function Wrong({ error, again }: { error: unknown; again?: () => void }) {
  const { t, wrong } = useI18n()
  const planPage = use(PlanPage)
  const isOffline = codeOf(error) === 'offline'
  return (
    <Notice tone={isOffline ? 'doubt' : 'wrong'}>
      <p className="flex items-center gap-2">
        {isOffline && <WifiOff aria-hidden className="size-4" />}
        {wrong(error)}
      </p>
      {error instanceof Problem && error.status >= 500 && error.requestId && (
        <p className="text-xs">{t('problem.requestId', { id: error.requestId })}</p>
      )}
      {codeOf(error).startsWith('second_factor_') && (
        <Link to="/account" className="justify-self-start font-medium underline underline-offset-4">
          {t('account.setUp')}
        </Link>
      )}
      {isOfPlan(error) && planPage && (
        <Link to={planPage} className="justify-self-start font-medium underline underline-offset-4">
          {t('billing.toPlan')}
        </Link>
      )}
      {again && (
        <Button look="secondary" small className="justify-self-start" onClick={again}>
          {t('common.again')}
        </Button>
      )}
    </Notice>
  )
}

/** The error of a form, if it has one. */
export const FormError = ({ error }: { error: unknown }) => (error ? <Wrong error={error} /> : null)

type Query<T> = {
  data: T | undefined
  error: unknown
  isPending: boolean
  fetchStatus?: 'fetching' | 'paused' | 'idle'
  /** Of a list that comes in parts: whether all of it is there. */
  isComplete?: boolean
  refetch: () => unknown
}

/**
 * What a query has brought; before that bars, and if it fails, why. Data that is there stays while it is fetched
 * anew; if the rest of it can't be had, that is said above it. Without a network a query waits, and goes on by itself.
 */
export function Loaded<T>({
  query,
  lines,
  children,
}: {
  query: Query<T>
  lines?: number
  children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) {
    return (
      <>
        {query.error && query.isComplete === false ? (
          <div className="mb-4">
            <Wrong error={query.error} again={() => void query.refetch()} />
          </div>
        ) : null}
        {children(query.data)}
      </>
    )
  }
  return isOnItsWay(query) ? <Skeleton lines={lines} /> : <Missing query={query} />
}

const isOnItsWay = ({ data, error, fetchStatus }: Query<unknown>) =>
  data === undefined && !error && fetchStatus !== 'paused'

/** Why what a query was to bring isn't there; nothing if it is, or is on its way. */
export function Missing({ query }: { query: Query<unknown> }) {
  if (query.data !== undefined || isOnItsWay(query)) return null
  return query.error ? <Wrong error={query.error} again={() => void query.refetch()} /> : <Offline />
}

/** That something comes when the network is back. */
export function Offline() {
  const { t } = useI18n()
  return (
    <Notice tone="doubt">
      <p className="flex items-center gap-2">
        <WifiOff aria-hidden className="size-4" />
        {t('common.waitsForNetwork')}
      </p>
    </Notice>
  )
}
