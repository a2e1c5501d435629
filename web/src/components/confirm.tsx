import { useState, type ReactNode } from 'react'

import { useI18n } from '@/i18n'

import { Button } from './button'
import { Dialog } from './dialog'
import { FormError } from './states'

type Props = {
  title: string
  children: ReactNode
  action: string
  open: boolean
  onClose: () => void
  /** Does it; the dialog closes when it has gone well, and otherwise says why not. */
  onConfirm: () => Promise<unknown>
  harmless?: boolean
  ready?: boolean
}

/** Asks before something that can't be taken back easily. */
export function Confirm({ title, children, action, open, onClose, onConfirm, harmless, ready = true }: Props) {
  const { t } = useI18n()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const close = () => {
    setError(undefined)
    onClose()
  }
  const go = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await onConfirm()
      close()
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title={title} open={open} onClose={close}>
      <div className="grid gap-4 text-sm text-ink-soft">{children}</div>
      <div className="mt-4 grid gap-4">
        <FormError error={error} />
        <div className="flex justify-end gap-2">
          <Button look="ghost" onClick={close}>
            {t('common.cancel')}
          </Button>
          <Button look={harmless ? 'primary' : 'danger'} busy={busy} disabled={!ready} onClick={go}>
            {action}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
