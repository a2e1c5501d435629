import { X } from 'lucide-react'
import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from 'react'

import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'

import { IconButton } from './button'
import { isOfPlan, PlanPage } from './plan-page'

/** `to` is where what was refused can be bought. */
type Toast = { id: number; text: string; wrong: boolean; to?: string }
type Say = { done: (text: string) => void; failed: (error: unknown) => void }
type Show = (text: string, error?: { error: unknown; planPage: string | null }) => void

const Context = createContext<Show | null>(null)
const SECONDS = 6

/** Short messages at the edge of the screen, which screen readers speak. One with a link stays until it is closed. */
export function Toasts({ children }: { children: ReactNode }) {
  const { t } = useI18n()
  const [toasts, setToasts] = useState<Toast[]>([])
  const next = useRef(1)
  const close = useCallback((id: number) => setToasts((all) => all.filter((toast) => toast.id !== id)), [])
  const show = useCallback<Show>(
    (text, failure) => {
      const id = next.current++
      const to = failure && isOfPlan(failure.error) ? (failure.planPage ?? undefined) : undefined
      setToasts((all) => [...all.slice(-2), { id, text, wrong: !!failure, to }])
      if (!to) setTimeout(() => close(id), SECONDS * 1000)
    },
    [close],
  )
  return (
    <Context value={show}>
      {children}
      <div
        aria-live="polite"
        className="pointer-events-none fixed inset-x-4 bottom-4 z-50 grid justify-items-center gap-2 sm:justify-items-end"
      >
        {toasts.map((toast) => (
          <p
            key={toast.id}
            className={cn(
              'max-w-md rounded-xl px-4 py-3 text-sm font-medium shadow-card',
              toast.wrong ? 'bg-wrong-soft text-wrong' : 'bg-ink text-paper',
            )}
          >
            {toast.text}
            {toast.to && (
              <span className="pointer-events-auto mt-2 flex items-center justify-between gap-4">
                <a href={toast.to} className="underline underline-offset-4">
                  {t('billing.toPlan')}
                </a>
                <IconButton label={t('common.close')} onClick={() => close(toast.id)}>
                  <X aria-hidden className="size-4" />
                </IconButton>
              </span>
            )}
          </p>
        ))}
      </div>
    </Context>
  )
}

export function useSay(): Say {
  const show = use(Context)
  const planPage = use(PlanPage)
  const { wrong } = useI18n()
  if (!show) throw new Error('useSay outside of Toasts')
  return useMemo(
    () => ({ done: (text) => show(text), failed: (error) => show(wrong(error), { error, planPage }) }),
    [show, wrong, planPage],
  )
}
