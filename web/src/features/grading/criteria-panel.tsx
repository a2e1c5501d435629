import { Check, CornerDownLeft, Minus, Plus, Undo2, X } from 'lucide-react'
import { useEffect, useState, type ComponentProps, type ReactNode, type RefObject } from 'react'

import type { Api } from '@/api/types'
import { Button, IconButton } from '@/components/button'
import { CheckField, NumberField } from '@/components/field'
import { Notice } from '@/components/states'
import { Badge } from '@/components/surface'
import { useMembers } from '@/features/organization/api/use-members'
import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'

import { AnswerText } from './answer-text'
import type { Script } from './api/script-query'
import { CommentBank } from './comment-bank'
import { withComment } from './comments'
import { decisionOf, fulfilled, lastDecision, marksIn, stepped, totalIn, withMarks, type Draft } from './draft'
import type { State } from './use-decisions'
import type { Piece } from './words'

type Props = {
  answer: Api<'AnswerGrade'>
  question: Api<'Question'> | undefined
  pieces: Piece[]
  draft: Draft
  onDraft: (draft: Draft) => void
  active: string | undefined
  onActive: (criterion: string | undefined) => void
  comment: RefObject<HTMLTextAreaElement | null>
  /** Whether it was decided on this page, or is about to be. */
  state: State | undefined
  theirs: Script | undefined
  onTheirs: () => void
  onMine: () => void
  /** Said about other answers to the question. */
  comments: string[]
  bank: Pick<ComponentProps<typeof CommentBank>, 'kept' | 'error' | 'onKeep' | 'onDelete'>
  alike: number
  withAlike: boolean
  onWithAlike: (with_: boolean) => void
  onConfirm: () => void
  onUndo: () => void
  /** Takes back the last decision about this answer. */
  onTakeBack: () => void
  aside: ReactNode
}

/** The question, the answer as it was read, the criteria, and what to do. */
export function CriteriaPanel(props: Props) {
  const { answer, question, pieces, draft, onDraft, active, onActive, comment, state, theirs, alike } = props
  const { t, said, format } = useI18n()
  const total = totalIn(draft, answer)
  const isChanged = decisionOf(draft, answer).kind === 'override'
  const before = lastDecision(answer)
  // What lights up because of its evidence, or of a key, comes into view; what the pointer is on is there.
  useEffect(() => {
    const field = active === undefined ? null : document.getElementById(`criterion-${active}`)
    const panel = field?.closest('[role=region]')
    if (!field || !panel || panel.matches(':hover') || field.contains(document.activeElement)) return
    const [outer, inner] = [panel.getBoundingClientRect(), field.getBoundingClientRect()]
    if (inner.top < outer.top) panel.scrollTop += inner.top - outer.top
    else if (inner.bottom > outer.bottom) panel.scrollTop += inner.bottom - outer.bottom
  }, [active])
  return (
    <div className="flex min-h-0 flex-col bg-surface lg:w-[30rem] xl:w-[34rem] max-lg:short:w-1/2">
      <div
        tabIndex={0}
        role="region"
        aria-label={t('guide.question', { label: answer.question })}
        className="grid flex-1 content-start gap-4 overflow-y-auto p-4 sm:p-5"
      >
        <div className="flex items-start justify-between gap-3">
          <div>
            <h2 className="font-semibold">{t('guide.question', { label: answer.question })}</h2>
            <p className="mt-1 text-sm text-ink-soft">{question?.text}</p>
          </div>
          <div className="text-end">
            <p className="text-2xl font-semibold whitespace-nowrap tabular-nums" aria-live="polite">
              {format.number(total)}{' '}
              <span className="text-base font-normal text-ink-soft">/ {format.number(answer.max_marks)}</span>
            </p>
          </div>
        </div>
        <div className="flex flex-wrap gap-2">
          <Badge tone={answer.confidence >= 0.8 ? 'right' : 'doubt'}>
            {t('grade.confidence', { confidence: format.percent(answer.confidence) })}
          </Badge>
          {(before || state) && <Badge tone="accent">{t('grade.decided')}</Badge>}
          {before && state !== 'sending' && (
            <Button look="ghost" small onClick={props.onTakeBack}>
              {t('grade.takeBack')}
            </Button>
          )}
        </div>
        {answer.review_reason && <Notice tone="doubt">{said(answer.review_reason)}</Notice>}
        {theirs && <Theirs {...props} theirs={theirs} />}
        {!answer.counts && <Notice tone="info">{t('grade.notCounted')}</Notice>}
        {!isChanged && answer.total_reason && <Notice tone="info">{said(answer.total_reason)}</Notice>}
        <AnswerText answer={answer} pieces={pieces} active={active} onActive={onActive} />
        <ol className="grid gap-2.5">
          {answer.criteria.map((criterion, i) => (
            <CriterionField
              key={criterion.criterion}
              number={i + 1}
              criterion={criterion}
              marks={marksIn(draft, criterion)}
              isActive={active === criterion.criterion}
              onActive={onActive}
              onMarks={(marks) => onDraft(withMarks(draft, criterion.criterion, marks))}
              onConfirm={props.onConfirm}
            />
          ))}
        </ol>
        <div className="grid gap-1.5">
          <label htmlFor="comment" className="text-sm font-medium">
            {t('grade.comment')}
          </label>
          <textarea
            id="comment"
            ref={comment}
            rows={2}
            value={draft.comment}
            maxLength={2000}
            placeholder={before?.comment ?? undefined}
            onChange={(event) => onDraft({ ...draft, comment: event.target.value })}
            onKeyDown={(event) => {
              if (event.key === 'Escape') event.currentTarget.blur()
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) props.onConfirm()
            }}
            className="field-sizing-content rounded-lg border border-line-strong/70 bg-surface px-3 py-2 text-base sm:text-sm"
          />
          <p className="text-xs text-ink-soft">{t('grade.commentHint')}</p>
          <CommentBank
            {...props.bank}
            used={props.comments}
            comment={draft.comment}
            onTake={(text) => {
              onDraft({ ...draft, comment: withComment(draft.comment, text) })
              comment.current?.focus()
            }}
          />
        </div>
        {alike > 0 && (
          <CheckField
            label={t('grade.alike', { count: alike })}
            hint={t('grade.alikeHint')}
            checked={props.withAlike}
            onChange={(event) => props.onWithAlike(event.target.checked)}
          />
        )}
      </div>
      <div className="sticky bottom-0 flex items-center gap-2 border-t border-line bg-surface p-3 sm:px-5">
        <Button look="ghost" onClick={props.onUndo}>
          <Undo2 aria-hidden className="size-4" />
          {t('grade.undo')}
        </Button>
        {props.aside}
        <div className="flex-1" />
        <Button onClick={props.onConfirm} disabled={theirs !== undefined || state === 'sending'}>
          {t(isChanged ? 'grade.override' : 'grade.confirm')}
          <CornerDownLeft aria-hidden className="size-4 opacity-75" />
        </Button>
      </div>
    </div>
  )
}

type CriterionProps = {
  number: number
  criterion: Api<'CriterionGrade'>
  marks: number
  isActive: boolean
  onActive: (criterion: string | undefined) => void
  onMarks: (marks: number) => void
  /** Enter in the field of the marks. */
  onConfirm?: () => void
}

/** One criterion: its marks, why, and the ways to change them. */
export function CriterionField(props: CriterionProps) {
  const { number, criterion, marks, isActive, onActive, onMarks, onConfirm } = props
  const { t, said, format } = useI18n()
  const { max_marks: most, min_marks: least = 0 } = criterion
  const whole = fulfilled(criterion)
  const isFull = marks === whole
  const isNone = marks === 0
  const takesOff = most <= 0
  return (
    <li
      id={`criterion-${criterion.criterion}`}
      onMouseEnter={() => onActive(criterion.criterion)}
      onMouseLeave={() => onActive(undefined)}
      onFocus={() => onActive(criterion.criterion)}
      data-active={isActive || undefined}
      className={cn(
        'grid gap-2 rounded-xl border border-line p-3 transition-colors',
        isActive && 'border-accent bg-accent-soft/50',
      )}
    >
      <div className="flex items-start gap-3">
        <kbd className="mt-0.5 grid size-5 shrink-0 place-items-center rounded border border-line-strong/50 text-xs text-ink-soft">
          {number}
        </kbd>
        <p className="min-w-0 flex-1 text-sm font-medium">{criterion.description}</p>
        <span
          className={cn(
            'text-sm font-semibold whitespace-nowrap tabular-nums',
            isFull === takesOff
              ? 'text-wrong'
              : isFull || takesOff
                ? 'text-good'
                : isNone
                  ? 'text-wrong'
                  : 'text-doubt',
          )}
        >
          {format.number(marks)} / {format.number(whole)}
        </span>
      </div>
      <p className="pl-8 text-sm text-ink-soft">
        {criterion.level && <strong className="font-medium text-ink">{criterion.level}: </strong>}
        {said(criterion.reason)}
      </p>
      <div className="flex flex-wrap items-center gap-1 pl-7">
        <IconButton
          label={t('grade.award', { number })}
          aria-pressed={isFull}
          onClick={() => onMarks(whole)}
          className="size-8 aria-pressed:bg-good-soft aria-pressed:text-good"
        >
          <Check aria-hidden className="size-4" />
        </IconButton>
        <IconButton
          label={t('grade.refuse', { number })}
          aria-pressed={isNone}
          onClick={() => onMarks(0)}
          className="size-8 aria-pressed:bg-wrong-soft aria-pressed:text-wrong"
        >
          <X aria-hidden className="size-4" />
        </IconButton>
        <span aria-hidden className="mx-1 h-5 w-px bg-line" />
        <IconButton
          label={t('grade.less', { number })}
          className="size-8"
          disabled={marks <= least}
          onClick={() => onMarks(stepped(marks, least, most, -1))}
        >
          <Minus aria-hidden className="size-4" />
        </IconButton>
        <MarksField {...{ number, marks, least, most, onMarks, onConfirm }} />
        <IconButton
          label={t('grade.more', { number })}
          className="size-8"
          disabled={marks >= most}
          onClick={() => onMarks(stepped(marks, least, most, 1))}
        >
          <Plus aria-hidden className="size-4" />
        </IconButton>
      </div>
    </li>
  )
}

type FieldProps = Pick<CriterionProps, 'number' | 'marks' | 'onMarks' | 'onConfirm'> & { least: number; most: number }

/** Marks as a number. What is not within the criterion's marks is not taken over, and said to be wrong. */
function MarksField({ number, marks, least, most, onMarks, onConfirm }: FieldProps) {
  const { t } = useI18n()
  const [wrong, setWrong] = useState<{ value: number | undefined }>()
  return (
    <NumberField
      label={t('grade.marksOf', { number })}
      labelHidden
      value={wrong ? wrong.value : marks}
      aria-invalid={wrong ? true : undefined}
      onBlur={() => setWrong(undefined)}
      onKeyDown={(event) => {
        if (event.key === 'Escape' || (event.key === 'Enter' && !wrong)) event.currentTarget.blur()
        if (event.key === 'Enter' && !wrong && !event.repeat) onConfirm?.()
      }}
      onChange={(value) => {
        const fits = value !== undefined && value >= least && value <= most
        setWrong(fits ? undefined : { value })
        if (fits) onMarks(value)
      }}
      className="w-16 text-center"
    />
  )
}

/** Somebody else has decided about the same answer: what they have said, and whether theirs or mine shall stand. */
function Theirs({ answer, theirs, onTheirs, onMine }: Props & { theirs: Script }) {
  const { t, format } = useI18n()
  const members = useMembers()
  const found = theirs.feedback.questions.find((it) => it.question === answer.question)
  const last = found && lastDecision(found)
  const name = members.data?.find((it) => it.user === last?.by)?.name ?? t('grade.somebody')
  return (
    <Notice tone="info">
      <p className="font-medium">
        {t('grade.theirs', {
          name,
          marks: format.number(found?.marks ?? 0),
          all: format.number(found?.max_marks ?? 0),
          ago: last ? format.ago(last.at) : '',
        })}
      </p>
      {last?.comment && <q>{last.comment}</q>}
      <div className="flex flex-wrap gap-2">
        <Button look="secondary" small onClick={onTheirs}>
          {t('grade.takeTheirs')}
        </Button>
        <Button look="secondary" small onClick={onMine}>
          {t('grade.keepMine')}
        </Button>
      </div>
    </Notice>
  )
}
