import type { Api } from '@/api/types'
import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'

import { isDoubtful, rangeOf, type Piece } from './words'

type Props = {
  answer: Api<'AnswerGrade'>
  pieces: Piece[]
  active: string | undefined
}

/** The answer as it was read: doubtful words underlined, the evidence of the criterion at hand lit up. */
export function AnswerText({ answer, pieces, active }: Props) {
  const { t, format } = useI18n()
  const evidence = answer.criteria.find((it) => it.criterion === active)?.evidence
  const [start, end] = evidence ? rangeOf(answer.answer, evidence) : [-1, -1]
  if (!answer.answer.trim()) return <p className="text-sm text-ink-soft italic">{t('grade.noAnswer')}</p>
  return (
    <p className="rounded-xl bg-sunken px-4 py-3 leading-relaxed whitespace-pre-wrap">
      {pieces.map((piece) => {
        const isLit = piece.start < end && piece.start + piece.text.length > start
        const doubtful = isDoubtful(piece)
        if (!isLit && !doubtful) return piece.text
        return (
          <span
            key={piece.start}
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
