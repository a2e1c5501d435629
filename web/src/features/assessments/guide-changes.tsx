import { Badge } from '@/components/surface'
import { useI18n } from '@/i18n'

import { diffOf, linesOf, type Question } from './guide'

/** What differs between two versions, question by question, old lines struck out and new ones beneath. */
export function Changes({ before, after }: { before: Question[]; after: Question[] }) {
  const { t, named } = useI18n()
  const changes = diffOf(before, after)
  if (changes.length === 0) return <p className="text-sm">{t('guide.noChanges')}</p>
  return (
    <ul className="grid gap-3">
      {changes.map((change) => {
        const [old, fresh] = [change.before ? linesOf(change.before) : [], change.after ? linesOf(change.after) : []]
        return (
          <li key={change.label} className="rounded-xl bg-sunken p-4 text-sm text-ink">
            <p className="mb-2 flex items-center gap-2 font-medium">
              {t('guide.question', { label: change.label })}
              <Badge tone={({ added: 'right', removed: 'wrong', changed: 'info' } as const)[change.kind]}>
                {named('change', change.kind)}
              </Badge>
            </p>
            {old
              .filter((line) => !fresh.includes(line))
              .map((line, i) => (
                <del key={i} className="block whitespace-pre-wrap text-wrong">
                  {line}
                </del>
              ))}
            {fresh
              .filter((line) => !old.includes(line))
              .map((line, i) => (
                <ins key={i} className="block whitespace-pre-wrap text-good no-underline">
                  {line}
                </ins>
              ))}
          </li>
        )
      })}
    </ul>
  )
}
