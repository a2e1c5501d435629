import type { Api } from '@/api/types'
import { useI18n } from '@/i18n'

/** What would be erased, and what is kept and why. */
export function Counts({ erased, kept }: { erased: Api<'Counted'>[]; kept: Api<'Kept'>[] }) {
  const { t, format } = useI18n()
  const found = erased.filter((it) => it.count > 0)
  const spelt = (kind: string) => kind.replace(/_/g, ' ')
  return (
    <div className="grid gap-4 text-sm text-ink">
      <div>
        <p className="mb-1 font-medium">{t('privacy.wouldErase')}</p>
        {found.length === 0 && <p className="text-ink-soft">{t('privacy.nothing')}</p>}
        <ul className="flex flex-wrap gap-x-4 gap-y-1 text-ink-soft">
          {found.map((it) => (
            <li key={it.kind}>
              {format.number(it.count)} × {spelt(it.kind)}
            </li>
          ))}
        </ul>
      </div>
      {kept.length > 0 && (
        <div>
          <p className="mb-1 font-medium">{t('privacy.wouldKeep')}</p>
          <ul className="grid gap-1 text-ink-soft">
            {kept.map((it) => (
              <li key={it.kind}>
                {spelt(it.kind)}: {it.ground}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  )
}
