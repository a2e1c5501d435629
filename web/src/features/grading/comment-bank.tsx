import { BookmarkPlus, X } from 'lucide-react'
import type { KeyboardEvent } from 'react'
import { useParams } from 'react-router'

import type { Api } from '@/api/types'
import { Button, IconButton } from '@/components/button'
import { Wrong } from '@/components/states'
import { useAssessments } from '@/features/assessments/api/use-assessments'
import { useI18n } from '@/i18n'
import { usePreference } from '@/lib/use-preference'

import { useOtherComments } from './api/use-comment-bank'
import { offered } from './comments'

type Props = {
  kept: Api<'KeptComment'>[]
  error: unknown
  /** Said about other answers to the question. */
  used: string[]
  /** What is being written. */
  comment: string
  onTake: (text: string) => void
  onKeep: () => void
  onDelete: (comment: Api<'KeptComment'>) => void
}

const FIRST = 'comment-bank-first'

export const focusCommentBank = () => document.getElementById(FIRST)?.focus()

/**
 * Comments to take with one click or key: those that are kept, then those that were given lately, then those of another
 * assessment, if one is chosen.
 */
export function CommentBank({ kept, error, used, comment, onTake, onKeep, onDelete }: Props) {
  const { t } = useI18n()
  const { assessment = '' } = useParams()
  const assessments = useAssessments()
  const [chosen, choose] = usePreference<string>(`comments-for-${assessment}`, '')
  const others = (assessments.data ?? []).filter((it) => it.id !== assessment)
  const other = others.find((it) => it.id === chosen)
  const choices = offered(kept, [...used, ...useOtherComments(other?.id)])
  const isKept = kept.some((it) => it.text === comment.trim())
  return (
    <div className="grid gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <Button look="ghost" small disabled={!comment.trim() || isKept} onClick={onKeep}>
          <BookmarkPlus aria-hidden className="size-4" />
          {t('grade.keepComment')}
        </Button>
        {others.length > 0 && (
          <select
            aria-label={t('grade.otherComments')}
            value={other?.id ?? ''}
            onChange={(event) => choose(event.target.value)}
            className="max-w-full min-w-0 rounded-lg bg-transparent px-2 py-1 text-sm text-ink-soft hover:bg-sunken"
          >
            <option value="">{t('grade.otherComments')}</option>
            {others.map((it) => (
              <option key={it.id} value={it.id}>
                {it.title}
              </option>
            ))}
          </select>
        )}
      </div>
      {error !== null && <Wrong error={error} />}
      {choices.length > 0 && (
        <ul aria-label={t('grade.bank')} className="flex flex-wrap gap-1.5" onKeyDown={moveFocus}>
          {choices.map(({ text, kept }, i) => (
            <li key={kept?.id ?? text} className="flex max-w-full items-center">
              <Button
                id={i === 0 ? FIRST : undefined}
                data-choice
                look="secondary"
                small
                className="min-w-0 font-normal"
                onKeyDown={(event) => {
                  if (event.key === 'Delete' && kept) onDelete(kept)
                }}
                onClick={() => onTake(text)}
              >
                <span className="truncate">{text}</span>
              </Button>
              {kept && (
                <IconButton
                  label={t('grade.deleteComment', { text })}
                  className="size-7"
                  onClick={() => onDelete(kept)}
                >
                  <X aria-hidden className="size-3.5" />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** The arrow keys go from comment to comment. */
function moveFocus(event: KeyboardEvent<HTMLElement>) {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
  if (!by) return
  const choices = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-choice]')]
  const at = choices.findIndex((it) => it === document.activeElement)
  choices[(at + by + choices.length) % choices.length]?.focus()
  event.preventDefault()
  event.stopPropagation()
}
