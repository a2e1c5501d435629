import { createContext, use, useCallback, useMemo, useRef, useState, type ReactNode } from 'react'

import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'

type Toast = { id: number; text: string; wrong: boolean }
type Say = { done: (text: string) => void; failed: (error: unknown) => void }

const Context = createContext<Say | null>(null)
const SECONDS = 6

/** Short messages at the edge of the screen, which screen readers speak. */
export function Toasts({ children }: { children: ReactNode }) {
  const { wrong } = useI18n()
  const [toasts, setToasts] = useState<Toast[]>([])
  const next = useRef(1)
  const show = useCallback((text: string, isWrong: boolean) => {
    const id = next.current++
    setToasts((all) => [...all.slice(-2), { id, text, wrong: isWrong }])
    setTimeout(() => setToasts((all) => all.filter((toast) => toast.id !== id)), SECONDS * 1000)
  }, [])
  const say = useMemo<Say>(
    () => ({ done: (text) => show(text, false), failed: (error) => show(wrong(error), true) }),
    [show, wrong],
  )
  return (
    <Context value={say}>
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
          </p>
        ))}
      </div>
    </Context>
  )
}

export function useSay(): Say {
  const say = use(Context)
  if (!say) throw new Error('useSay outside of Toasts')
  return say
}
