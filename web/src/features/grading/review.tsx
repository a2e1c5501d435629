import { CircleCheck, Layers, Play } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'react-router'

import type { Api } from '@/api/types'
import { Button, ButtonLink } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { SelectField } from '@/components/field'
import { Empty, Loaded } from '@/components/states'
import { Badge, Bar, Card, CardTitle, Table } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useGuide } from '@/features/assessments/api/use-guide'
import { useShown } from '@/features/assessments/frame'
import { useOrgId } from '@/features/organization/context'
import { useI18n } from '@/i18n'
import { inTurn } from '@/lib/in-turn'

import { useAcceptUnread } from './api/use-accept-unread'
import { useDecide } from './api/use-decide'
import { useReviews } from './api/use-reviews'
import { restAt } from './order'
import { ReviewPlan } from './review-plan'
import { useNames } from './use-names'

type Doubt = Api<'Doubt'>
const SHOWN = 200
/** Scripts whose answers are accepted at the same time. */
const AT_ONCE = 4

/** What waits for a person, the most doubtful first. */
export default function ReviewPage() {
  const { t, said, format } = useI18n()
  const org = useOrgId()
  const { assessment } = useShown()
  const reviews = useReviews(assessment.id)
  const guide = useGuide(assessment.id, assessment.guides.at(-1)?.version ?? 1)
  const [question, setQuestion] = useState('')
  const names = useNames(assessment.id)
  const grade = `/o/${org}/assessments/${assessment.id}/grade`
  return (
    <div className="grid gap-5">
      <div className="flex flex-wrap items-end gap-4">
        <SelectField label={t('grade.question')} value={question} onChange={(event) => setQuestion(event.target.value)}>
          <option value="">{t('grade.allQuestions')}</option>
          {guide.data?.questions.map(({ label }) => (
            <option key={label} value={label}>
              {t('guide.question', { label })}
            </option>
          ))}
        </SelectField>
        <ButtonLink to={`${grade}?order=doubt${question && `&question=${question}`}`}>
          <Play aria-hidden className="size-4" />
          {t('review.start')}
        </ButtonLink>
        <ButtonLink
          look="secondary"
          to={`${grade}?order=question&question=${question || (guide.data?.questions[0]?.label ?? '')}`}
        >
          {t('grade.byQuestion')}
        </ButtonLink>
        <ButtonLink look="secondary" to={`${grade}?order=student`}>
          {t('grade.byStudent')}
        </ButtonLink>
        <ButtonLink
          look="secondary"
          to={`/o/${org}/assessments/${assessment.id}/groups${question && `?question=${encodeURIComponent(question)}`}`}
        >
          <Layers aria-hidden className="size-4" />
          {t('groups.title')}
        </ButtonLink>
      </div>
      <ReviewPlan assessment={assessment.id} />
      <Loaded query={reviews} lines={6}>
        {(all) => {
          const shown = all.filter((it) => !question || it.question === question)
          if (shown.length === 0) return <Empty icon={CircleCheck} title={t('review.nothing')} />
          return (
            <>
              <AcceptRest key={question} assessment={assessment.id} reviews={shown} />
              <Table
                caption={t('assessments.review')}
                head={[
                  t('review.answer'),
                  t('review.why'),
                  t('review.marks'),
                  t('review.confidence'),
                  t('common.actions'),
                ]}
              >
                {shown.slice(0, SHOWN).map((it) => (
                  <tr key={`${it.submission} ${it.question ?? ''}`}>
                    <td>
                      {it.question ? (
                        <Link
                          to={`${grade}?order=doubt${question && `&question=${question}`}&at=${it.submission}:${it.question}`}
                          className="font-medium whitespace-nowrap underline-offset-4 hover:underline"
                        >
                          {names(it.submission)}, {t('guide.question', { label: it.question })}
                        </Link>
                      ) : (
                        <span className="font-medium">{names(it.submission)}</span>
                      )}
                    </td>
                    <td className="min-w-56">{said(it.reason)}</td>
                    <td className="whitespace-nowrap tabular-nums">
                      {format.number(it.marks)} / {format.number(it.max_marks)}
                    </td>
                    <td>
                      <Badge tone={it.confidence >= 0.5 ? 'doubt' : 'wrong'}>{format.percent(it.confidence)}</Badge>
                    </td>
                    <td className="w-0">{!it.question && <AcceptUnread assessment={assessment.id} doubt={it} />}</td>
                  </tr>
                ))}
              </Table>
              {shown.length > SHOWN && (
                <p className="text-sm text-ink-soft">{t('review.more', { count: shown.length - SHOWN })}</p>
              )}
            </>
          )
        }}
      </Loaded>
    </div>
  )
}

function AcceptUnread({ assessment, doubt }: { assessment: string; doubt: Doubt }) {
  const { t } = useI18n()
  const say = useSay()
  const accept = useAcceptUnread(assessment, doubt.submission)
  return (
    <Button
      look="secondary"
      small
      busy={accept.isPending}
      onClick={() => accept.mutate({ version: doubt.version }, { onError: say.failed })}
    >
      {t('review.acceptUnread')}
    </Button>
  )
}

/**
 * Confirming everything that is at least so sure: how many that is, and in how many of them a teacher would say
 * otherwise.
 */
function AcceptRest({ assessment, reviews }: { assessment: string; reviews: Doubt[] }) {
  const { t, format } = useI18n()
  const say = useSay()
  const org = useOrgId()
  const decide = useDecide(assessment)
  const answers = reviews.filter((it) => it.question)
  const steps = [...new Set(answers.map((it) => Math.floor(it.confidence * 20) / 20))].toSorted((a, b) => b - a)
  const [confidence, setConfidence] = useState<number>()
  const [asking, setAsking] = useState(false)
  const [progress, setProgress] = useState<{ done: number; all: number }>()
  const chosen = confidence ?? steps[0] ?? 1
  const { rest, disagreement } = restAt(answers, chosen)
  const reload = useReviews(assessment).refetch
  if (answers.length === 0) return null
  const accept = async () => {
    const scripts = Map.groupBy(rest, (it) => it.submission)
    let [done, failed] = [0, 0]
    setProgress({ done, all: rest.length })
    setAsking(false)
    const one = async (doubts: Doubt[]) => {
      for (const { submission, question, version, marks } of doubts) {
        const place = { submission, question: question ?? '' }
        await decide(place, version, { kind: 'confirm' }, { decisions: 0, marks }).catch(() => (failed += 1))
        setProgress({ done: ++done, all: rest.length })
      }
    }
    await inTurn([...scripts.values()], AT_ONCE, one)
    await reload()
    setProgress(undefined)
    say.done(t(failed ? 'review.someFailed' : 'review.accepted', { count: rest.length - failed, failed }))
  }
  return (
    <Card data-org={org}>
      <CardTitle>{t('review.acceptTitle')}</CardTitle>
      <div className="flex flex-wrap items-end gap-4">
        <SelectField
          label={t('review.atConfidence')}
          value={chosen}
          onChange={(event) => setConfidence(Number(event.target.value))}
        >
          {steps.map((step) => (
            <option key={step} value={step}>
              {t('review.atLeast', { confidence: format.percent(step) })}
            </option>
          ))}
        </SelectField>
        <p className="max-w-prose flex-1 basis-60 text-sm" role="status">
          {t('review.rest', { count: rest.length, disagreement: format.number(Math.round(disagreement * 10) / 10) })}
        </p>
        <Button
          look="secondary"
          busy={progress !== undefined}
          disabled={rest.length === 0}
          onClick={() => setAsking(true)}
        >
          {t('review.accept', { count: rest.length })}
        </Button>
      </div>
      {progress && (
        <div className="mt-4">
          <Bar
            label={t('review.progress', progress)}
            parts={[{ share: progress.done / Math.max(progress.all, 1), className: 'bg-accent' }]}
          />
        </div>
      )}
      <Confirm
        title={t('review.acceptTitle')}
        action={t('review.accept', { count: rest.length })}
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={async () => void accept()}
        harmless
      >
        <p>
          {t('review.rest', { count: rest.length, disagreement: format.number(Math.round(disagreement * 10) / 10) })}
        </p>
        <p>{t('review.acceptAbout')}</p>
      </Confirm>
    </Card>
  )
}
