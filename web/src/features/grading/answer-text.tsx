import type { Api } from '@/api/types'
import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'

import { isDoubtful, rangeOf, type Piece } from './words'

type Props = {
  answer: Api<'AnswerGrade'>
  pieces: Piece[]
  active: string | undefined
  onActive: (criterion: string | undefined) => void
}

/**
 * The answer as it was read: doubtful words underlined, the evidence of the criterion at hand lit up. Pointing at
 * evidence lights its criterion up.
 */
export function AnswerText({ answer, pieces, active, onActive }: Props) {
  const { t, format } = useI18n()
  const ranges = answer.criteria.flatMap(({ criterion, evidence }) => {
    if (!evidence) return []
    const [start, end] = rangeOf(answer.answer, evidence)
    return [{ criterion, start, end }]
  })
  if (!answer.answer.trim()) return <p className="text-sm text-ink-soft italic">{t('grade.noAnswer')}</p>
  return (
    <p className="rounded-xl bg-sunken px-4 py-3 leading-relaxed whitespace-pre-wrap">
      {pieces.map((piece) => {
        const tells = ranges.filter(({ start, end }) => piece.start < end && piece.start + piece.text.length > start)
        const isLit = tells.some((it) => it.criterion === active)
        const doubtful = isDoubtful(piece)
        if (tells.length === 0 && !doubtful) return piece.text
        return (
          <span
            key={piece.start}
            onMouseEnter={() => onActive(tells[0]?.criterion)}
            onMouseLeave={() => onActive(undefined)}
            title={
              doubtful ? t('grade.readWith', { confidence: format.percent(piece.word?.confidence ?? 0) }) : undefined
            }
            className={cn(
              isLit && 'bg-accent-soft text-accent-strong',
              doubtful && 'underline decoration-doubt decoration-dotted decoration-2 underline-offset-4',
            )}
          >
            {piece.text}
            {doubtful && <span className="sr-only"> ({t('grade.doubtful')})</span>}
          </span>
        )
      })}
    </p>
  )
}
