import { Dialog } from '@/components/dialog'
import { CheckField } from '@/components/field'
import { useI18n, type Key } from '@/i18n'

const KEYS: [string[], Key][] = [
  [['Enter'], 'keys.confirm'],
  [['1', '…', '9'], 'keys.toggle'],
  [['↑', '↓'], 'keys.choose'],
  [['A'], 'keys.award'],
  [['R'], 'keys.refuse'],
  [[',', '.'], 'keys.partial'],
  [['C'], 'keys.comment'],
  [['B'], 'keys.usedComments'],
  [['S'], 'keys.keepComment'],
  [['X'], 'keys.reset'],
  [['U'], 'keys.undo'],
  [['N'], 'keys.nextOpen'],
  [['J', '→'], 'keys.next'],
  [['K', '←'], 'keys.previous'],
  [['+', '-', '0'], 'keys.zoom'],
  [['T'], 'keys.turn'],
  [['?'], 'keys.help'],
]

type Props = { open: boolean; onClose: () => void; enabled: boolean; onEnabled: (on: boolean) => void }

/** What keys do. They can be turned off, for those whose hands or voice press keys by accident. */
export function KeysDialog({ open, onClose, enabled, onEnabled }: Props) {
  const { t } = useI18n()
  return (
    <Dialog title={t('keys.title')} open={open} onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-5 gap-y-2 text-sm">
        {KEYS.map(([keys, key]) => (
          <div key={key} className="contents">
            <dt className="flex gap-1">
              {keys.map((it) => (
                <kbd key={it} className="rounded border border-line-strong/50 bg-sunken px-2 py-0.5 font-sans text-xs">
                  {it}
                </kbd>
              ))}
            </dt>
            <dd>{t(key)}</dd>
          </div>
        ))}
      </dl>
      <CheckField
        className="mt-5"
        label={t('keys.enabled')}
        checked={enabled}
        onChange={(event) => onEnabled(event.target.checked)}
      />
    </Dialog>
  )
}
