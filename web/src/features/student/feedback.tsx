import { Check, Minus, X } from 'lucide-react'
import { useParams } from 'react-router'

import type { Api } from '@/api/types'
import { Loaded } from '@/components/states'
import { Badge, Card, Page } from '@/components/surface'
import { useOrgId } from '@/features/organization/context'
import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'

import { useReleasedFeedback } from './api/use-released-feedback'
import { useReleasedList } from './api/use-released-list'

/** One script's feedback: the annotated pages, each criterion, the comments. */
export default function FeedbackPage() {
  const { t, format } = useI18n()
  const org = useOrgId()
  const { assessment = '', submission = '' } = useParams()
  const feedback = useReleasedFeedback(assessment, submission)
  const title = useReleasedList().data?.find((it) => it.submission === submission)?.title ?? t('nav.feedback')
  return (
    <Loaded query={feedback} lines={8}>
      {({ feedback, annotated_pages, released_at }) => (
        <Page
          title={title}
          trail={[[t('nav.feedback'), `/o/${org}/feedback`]]}
          about={t('student.releasedAt', { date: format.time(released_at) })}
          actions={
            <p className="text-3xl font-semibold tabular-nums">
              {format.number(feedback.marks)}{' '}
              <span className="text-lg font-normal text-ink-soft">/ {format.number(feedback.max_marks)}</span>
            </p>
          }
        >
          <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
            <div
              className="grid gap-5 xl:sticky xl:top-20 xl:max-h-[calc(100dvh-6rem)] xl:overflow-y-auto"
              tabIndex={0}
              role="region"
              aria-label={t('grade.pages')}
            >
              {annotated_pages.map(({ page, url }) => (
                <a
                  key={page}
                  href={url}
                  target="_blank"
                  rel="noreferrer"
                  className="block overflow-hidden rounded-xl border border-line bg-white"
                >
                  <img src={url} alt={t('student.page', { number: page })} className="w-full" />
                </a>
              ))}
              {annotated_pages.length === 0 && <p className="text-sm text-ink-soft">{t('student.noPages')}</p>}
            </div>
            <ol className="grid gap-4">
              {feedback.questions.map((answer) => (
                <li key={answer.question}>
                  <Answer answer={answer} />
                </li>
              ))}
            </ol>
          </div>
        </Page>
      )}
    </Loaded>
  )
}

/** What would have taken marks off, and didn't, concerns no student. */
const concerns = (it: Api<'CriterionGrade'>) => it.max_marks > 0 || it.marks < 0

function Answer({ answer }: { answer: Api<'StudentAnswer'> }) {
  const { t, said, format } = useI18n()
  return (
    <Card className="grid gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="font-semibold">{t('guide.question', { label: answer.question })}</h2>
        <span className="font-semibold tabular-nums">
          {format.number(answer.marks)} / {format.number(answer.max_marks)}
        </span>
      </div>
      {answer.answer.trim() ? (
        <p className="rounded-xl bg-sunken px-4 py-3 text-sm leading-relaxed whitespace-pre-wrap">{answer.answer}</p>
      ) : (
        <p className="text-sm text-ink-soft italic">{t('grade.noAnswer')}</p>
      )}
      <ul className="grid gap-3">
        {answer.criteria.filter(concerns).map((it) => {
          const isFull = it.max_marks > 0 && it.marks >= it.max_marks
          const isNone = it.marks <= 0
          const Icon = isFull ? Check : isNone ? X : Minus
          const word = t(isFull ? 'student.full' : isNone ? 'student.notMet' : 'student.part')
          return (
            <li key={it.criterion} className="flex gap-3 text-sm">
              <span
                className={cn(
                  'mt-0.5 grid size-6 shrink-0 place-items-center rounded-full',
                  isFull ? 'bg-good-soft text-good' : isNone ? 'bg-wrong-soft text-wrong' : 'bg-doubt-soft text-doubt',
                )}
              >
                <Icon aria-label={word} className="size-4" />
              </span>
              <div className="min-w-0 flex-1">
                <p className="font-medium">{it.description}</p>
                <p className="text-ink-soft">
                  {it.level && <strong className="font-medium text-ink">{it.level}: </strong>}
                  {said(it.feedback || it.reason)}
                </p>
              </div>
              <span className="tabular-nums">
                {format.number(it.marks)}
                {it.max_marks > 0 && ` / ${format.number(it.max_marks)}`}
              </span>
            </li>
          )
        })}
      </ul>
      {answer.total_reason && <p className="text-sm text-ink-soft">{said(answer.total_reason)}</p>}
      {!answer.counts && <p className="text-sm text-ink-soft">{t('student.notCounted')}</p>}
      {answer.comment && (
        <blockquote className="rounded-xl border-l-4 border-accent bg-accent-soft/60 px-4 py-3 text-sm">
          {answer.comment}
        </blockquote>
      )}
      {answer.decided_by_a_person && (
        <p>
          <Badge tone="accent">{t('student.byPerson')}</Badge>
        </p>
      )}
    </Card>
  )
}
