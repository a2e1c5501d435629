import { Badge } from '@/components/surface'
import { useI18n } from '@/i18n'

import { diffOf, linesOf, type BestOf, type Question } from './guide'

type Guide = { questions: Question[]; best_of?: BestOf[] | null }

/**
 * What differs between two versions, question by question, and then their order and of which only the best count: old
 * lines struck out and new ones beneath.
 */
export function Changes({ before, after }: { before: Guide; after: Guide }) {
  const { t, named, format } = useI18n()
  const changes = diffOf(before.questions, after.questions)
  const wholeOf = ({ questions, best_of }: Guide) => [
    ...(questions.length > 0 ? [t('guide.order', { labels: format.list(questions.map((it) => it.label)) })] : []),
    ...(best_of ?? []).map((it) => t('guide.bestOfThese', { count: it.count, labels: format.list(it.questions) })),
  ]
  const [old, fresh] = [wholeOf(before), wholeOf(after)]
  const isMoved = old.join() !== fresh.join()
  if (changes.length === 0 && !isMoved) return <p className="text-sm">{t('guide.noChanges')}</p>
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
            <Lines old={old} fresh={fresh} />
          </li>
        )
      })}
      {isMoved && (
        <li className="rounded-xl bg-sunken p-4 text-sm text-ink">
          <p className="mb-2 font-medium">{t('guide.whole')}</p>
          <Lines old={old} fresh={fresh} />
        </li>
      )}
    </ul>
  )
}

const Lines = ({ old, fresh }: { old: string[]; fresh: string[] }) => (
  <>
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
  </>
)
