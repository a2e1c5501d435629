import { X } from 'lucide-react'
import { useEffectEvent, useId, useLayoutEffect, useRef, type ReactNode } from 'react'

import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'

import { IconButton } from './button'

type Props = { title: ReactNode; open: boolean; onClose: () => void; children: ReactNode; wide?: boolean }

/**
 * A modal dialog: the browser's own, which keeps the focus inside, closes with Escape and gives the focus back,
 * without the style elements that our content security policy forbids.
 */
export function Dialog({ open, ...props }: Props) {
  return open ? <Opened {...props} /> : null
}

function Opened({ title, onClose, children, wide }: Omit<Props, 'open'>) {
  const { t } = useI18n()
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  const closed = useEffectEvent(onClose)
  useLayoutEffect(() => {
    const dialog = ref.current
    if (!dialog) return
    // Opened anew before this is heard, as in React's strict mode, it is not closed.
    const listen = () => !dialog.open && closed()
    dialog.addEventListener('close', listen)
    dialog.showModal()
    return () => {
      dialog.removeEventListener('close', listen)
      // Before it is taken off the page: only then does the browser give the focus back.
      dialog.close()
    }
  }, [])
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onKeyDown={(event) => event.stopPropagation()}
      className={cn(
        'm-auto max-h-[min(48rem,92dvh)] w-[min(100vw-1.5rem,32rem)] rounded-2xl bg-surface p-0 text-ink shadow-card',
        wide && 'w-[min(100vw-1.5rem,56rem)]',
      )}
    >
      <div className="flex items-start justify-between gap-4 px-6 pt-5">
        <h2 id={id} className="text-lg font-semibold">
          {title}
        </h2>
        <IconButton label={t('common.close')} onClick={onClose} className="-mt-1 -mr-2">
          <X aria-hidden className="size-5" />
        </IconButton>
      </div>
      <div className="px-6 pt-3 pb-6">{children}</div>
    </dialog>
  )
}
