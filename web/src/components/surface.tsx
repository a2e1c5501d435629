import { ChevronRight } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { Link } from 'react-router'

import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'

/** A sheet of paper on the desk. */
export function Card({ className, ...rest }: ComponentProps<'section'>) {
  return (
    <section
      {...rest}
      className={cn('min-w-0 rounded-2xl border border-line bg-surface p-5 shadow-card sm:p-6', className)}
    />
  )
}

/** A card's heading. */
export function CardTitle({
  className,
  children,
  aside,
}: {
  className?: string
  children: ReactNode
  aside?: ReactNode
}) {
  return (
    <div className={cn('mb-4 flex flex-wrap items-center justify-between gap-3', className)}>
      <h2 className="text-base font-semibold">{children}</h2>
      {aside}
    </div>
  )
}

type PageProps = {
  title: string
  about?: ReactNode
  actions?: ReactNode
  trail?: [string, string][]
  children: ReactNode
}

/** A page: where one is, its title, what can be done, its content. */
export function Page({ title, about, actions, trail = [], children }: PageProps) {
  const { t } = useI18n()
  return (
    <>
      <title>{`${title} · SmartScripts`}</title>
      <header className="mb-6 flex flex-wrap items-end justify-between gap-4">
        <div className="min-w-0">
          {trail.length > 0 && (
            <nav aria-label={t('nav.trail')} className="mb-1 flex flex-wrap items-center gap-1 text-sm text-ink-soft">
              {trail.map(([name, to]) => (
                <span key={to} className="flex items-center gap-1">
                  <Link to={to} className="underline-offset-4 hover:underline">
                    {name}
                  </Link>
                  <ChevronRight aria-hidden className="size-3.5" />
                </span>
              ))}
            </nav>
          )}
          <h1 className="text-2xl font-semibold sm:text-[1.75rem]">{title}</h1>
          {about && <div className="mt-1 max-w-prose text-sm text-ink-soft">{about}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </>
  )
}

const BADGES = {
  plain: 'bg-sunken text-ink-soft',
  accent: 'bg-accent-soft text-accent',
  right: 'bg-good-soft text-good',
  doubt: 'bg-doubt-soft text-doubt',
  wrong: 'bg-wrong-soft text-wrong',
  info: 'bg-info-soft text-info',
}

/** A word about a thing's state. */
export function Badge({ tone = 'plain', children }: { tone?: keyof typeof BADGES; children: ReactNode }) {
  return (
    <span className={cn('inline-flex items-center gap-1 rounded-full px-2.5 py-0.5 text-xs font-medium', BADGES[tone])}>
      {children}
    </span>
  )
}

/** A table that scrolls sideways when the screen is narrow. */
export function Table({ caption, head, children }: { caption: string; head: ReactNode[]; children: ReactNode }) {
  return (
    <div role="region" aria-label={caption} tabIndex={0} className="overflow-x-auto rounded-xl border border-line">
      <table className="w-full border-collapse text-sm [&_td]:px-4 [&_td]:py-3 [&_tr+tr]:border-t [&_tr]:border-line">
        <caption className="sr-only">{caption}</caption>
        <thead className="bg-sunken text-left">
          <tr>
            {head.map((cell, i) => (
              <th key={i} scope="col" className="px-4 py-2.5 text-xs font-semibold whitespace-nowrap text-ink-soft">
                {cell}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="bg-surface">{children}</tbody>
      </table>
    </div>
  )
}

/** How far something is, as a bar of parts. The words beside it say the same. */
export function Bar({ parts, label }: { parts: { share: number; className: string }[]; label: string }) {
  return (
    <div role="img" aria-label={label} className="flex h-2 overflow-hidden rounded-full bg-sunken">
      {parts.map((part, i) => (
        <div key={i} className={part.className} style={{ width: `${part.share * 100}%` }} />
      ))}
    </div>
  )
}

/** A name and what is said of it. */
export function Facts({ items }: { items: [ReactNode, ReactNode][] }) {
  return (
    <dl className="grid gap-x-6 gap-y-3 text-sm sm:grid-cols-[minmax(8rem,auto)_1fr]">
      {items.map(([name, value], i) => (
        <div key={i} className="contents">
          <dt className="text-ink-soft">{name}</dt>
          <dd className="min-w-0">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
