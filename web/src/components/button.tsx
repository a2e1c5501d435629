import { LoaderCircle } from 'lucide-react'
import type { ComponentProps } from 'react'
import { Link, type LinkProps } from 'react-router'

import { cn } from '@/lib/cn'

type Look = 'primary' | 'secondary' | 'ghost' | 'danger'

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong',
  secondary: 'border border-line-strong/60 bg-surface text-ink hover:bg-sunken',
  ghost: 'text-ink hover:bg-sunken',
  danger: 'border border-wrong/60 bg-surface text-wrong hover:bg-wrong-soft',
}

const look = (kind: Look, small: boolean | undefined, className: string | undefined) =>
  cn(
    'inline-flex items-center justify-center gap-2 rounded-lg font-medium transition-colors select-none',
    'disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:opacity-55',
    small ? 'min-h-8 px-2.5 py-1 text-sm' : 'min-h-10 px-4 py-2 text-sm',
    LOOKS[kind],
    className,
  )

type Props = ComponentProps<'button'> & { look?: Look; small?: boolean; busy?: boolean }

/** A button. While `busy` it shows that it works, and can't be pressed again. */
export function Button({ look: kind = 'primary', small, busy, className, children, disabled, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      className={look(kind, small, className)}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
    >
      {busy && <LoaderCircle aria-hidden className="size-4 animate-spin" />}
      {children}
    </button>
  )
}

/** A link that looks like a button. */
export function ButtonLink({
  look: kind = 'primary',
  small,
  className,
  ...rest
}: LinkProps & { look?: Look; small?: boolean }) {
  return <Link {...rest} className={look(kind, small, className)} />
}

/** A button that is only an icon; its name is for screen readers and shows when one points at it. */
export function IconButton({ label, className, ...rest }: ComponentProps<'button'> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={cn(
        'inline-flex size-9 shrink-0 items-center justify-center rounded-lg text-ink-soft hover:bg-sunken hover:text-ink',
        'disabled:cursor-not-allowed disabled:opacity-45 aria-pressed:bg-accent-soft aria-pressed:text-accent',
        className,
      )}
    />
  )
}
