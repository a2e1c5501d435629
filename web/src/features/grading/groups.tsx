import { Layers, Users } from 'lucide-react'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { Dialog } from '@/components/dialog'
import { CheckField, SelectField, TextArea } from '@/components/field'
import { Empty, FormError, Loaded } from '@/components/states'
import { Badge, Card } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useGuide } from '@/features/assessments/api/use-guide'
import { useShown } from '@/features/assessments/frame'
import { useBilling } from '@/features/billing/context'
import { FromPlan } from '@/features/billing/from-plan'
import { useOrganization } from '@/features/organization/context'
import { useI18n } from '@/i18n'
import { toggled } from '@/lib/toggled'

import { useDecideGroup, useGroups, useMoveAnswers } from './api/use-groups'
import { CriterionField } from './criteria-panel'
import { decisionOf, marksIn, NOTHING, totalIn, withMarks } from './draft'
import { useNames } from './use-names'

type Group = Api<'AnswerGroup'>
type Names = (submission: string) => string

/** Answers to one question that say the same, to be decided at once. */
export default function GroupsPage() {
  const { t } = useI18n()
  const { assessment } = useShown()
  const guide = useGuide(assessment.id, assessment.guides.at(-1)?.version ?? 1)
  const [query, setQuery] = useSearchParams()
  return (
    <Loaded query={guide} lines={6}>
      {({ questions }) => {
        const question = query.get('question') ?? questions[0]?.label ?? ''
        return (
          <div className="grid gap-5">
            <div className="flex flex-wrap items-end gap-4">
              <SelectField
                label={t('grade.question')}
                value={question}
                onChange={(event) => setQuery({ question: event.target.value }, { replace: true })}
              >
                {questions.map(({ label }) => (
                  <option key={label} value={label}>
                    {t('guide.question', { label })}
                  </option>
                ))}
              </SelectField>
              <p className="max-w-prose flex-1 basis-60 text-sm text-ink-soft">{t('groups.about')}</p>
            </div>
            <FromPlan feature="answer_groups" />
            <Groups key={question} assessment={assessment.id} question={question} />
          </div>
        )
      }}
    </Loaded>
  )
}

function Groups({ assessment, question }: { assessment: string; question: string }) {
  const { t } = useI18n()
  const groups = useGroups(assessment, question)
  const names = useNames(assessment)
  return (
    <Loaded query={groups} lines={6}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items)
        if (items.length === 0) return <Empty icon={Layers} title={t('groups.none')} />
        return (
          <>
            <p role="status" className="text-sm text-ink-soft">
              {t('groups.count', { count: pages[0]?.groups ?? 0, answers: pages[0]?.answers ?? 0 })}
            </p>
            <ol className="grid gap-4">
              {items.map((group) => (
                <li key={group.id}>
                  <GroupCard assessment={assessment} question={question} group={group} all={items} names={names} />
                </li>
              ))}
            </ol>
            {groups.hasNextPage && (
              <Button
                look="secondary"
                className="justify-self-center"
                busy={groups.isFetchingNextPage}
                onClick={() => void groups.fetchNextPage()}
              >
                {t('groups.more')}
              </Button>
            )}
          </>
        )
      }}
    </Loaded>
  )
}

type CardProps = { assessment: string; question: string; group: Group; all: Group[]; names: Names }

function GroupCard({ assessment, question, group, all, names }: CardProps) {
  const { t, format } = useI18n()
  const { can } = useOrganization()
  const { includes } = useBilling()
  const say = useSay()
  const decide = useDecideGroup(assessment, question)
  const [asks, setAsks] = useState<'confirm' | 'override'>()
  const { example, members, undecided } = group
  const open = members.filter((it) => !it.decided_by).map(({ submission, version }) => ({ submission, version }))
  const mayDecide = can('grade_groups') && includes('answer_groups')
  const make = async (decision: Pick<Api<'GroupDecision'>, 'criteria' | 'comment'>) => {
    const results = await decide.mutateAsync({ members: open, ...decision })
    const failed = results.filter((it) => it.refused).length
    say.done(t(failed ? 'review.someFailed' : 'review.accepted', { count: results.length - failed, failed }))
  }
  return (
    <Card>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <h2 className="flex items-center gap-2 font-semibold">
          <Users aria-hidden className="size-4 text-accent" />
          {t('groups.members', { count: members.length })}
        </h2>
        <div className="flex flex-wrap gap-2">
          {example && (
            <Badge>
              {t('groups.marks', { marks: format.number(example.marks), all: format.number(example.max_marks) })}
            </Badge>
          )}
          <Badge tone={undecided > 0 ? 'doubt' : 'right'}>{t('groups.open', { count: undecided })}</Badge>
        </div>
      </div>
      {example ? (
        <>
          <blockquote className="mt-3 border-l-2 border-line-strong pl-3 text-sm whitespace-pre-wrap">
            {example.answer.trim() || t('grade.noAnswer')}
          </blockquote>
          <ul className="mt-3 grid gap-1 text-sm text-ink-soft">
            {example.criteria.map((it) => (
              <li key={it.criterion}>
                <span className="font-medium text-ink tabular-nums">
                  {format.number(it.marks)} / {format.number(it.max_marks)}
                </span>{' '}
                {it.description}
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p className="mt-3 text-sm text-ink-soft">{t('groups.noExample')}</p>
      )}
      {mayDecide && open.length > 0 && (
        <div className="mt-4 flex flex-wrap gap-2">
          <Button onClick={() => setAsks('confirm')}>{t('groups.confirm', { count: open.length })}</Button>
          {example && (
            <Button look="secondary" onClick={() => setAsks('override')}>
              {t('groups.override')}
            </Button>
          )}
        </div>
      )}
      <Members {...{ assessment, question, group, all, names, mayDecide }} />
      <Confirm
        title={t('groups.confirm', { count: open.length })}
        action={t('groups.confirm', { count: open.length })}
        open={asks === 'confirm'}
        onClose={() => setAsks(undefined)}
        onConfirm={() => make({})}
        harmless
      >
        <p>{t('review.acceptAbout')}</p>
      </Confirm>
      {example && (
        <Override
          example={example}
          count={open.length}
          open={asks === 'override'}
          onClose={() => setAsks(undefined)}
          onSave={make}
        />
      )}
    </Card>
  )
}

type OverrideProps = {
  example: Api<'AnswerGrade'>
  count: number
  open: boolean
  onClose: () => void
  onSave: (decision: Pick<Api<'GroupDecision'>, 'criteria' | 'comment'>) => Promise<void>
}

/** Other marks for a whole group: those of every criterion, so that all of them end with the same. */
function Override({ example, count, open, onClose, onSave }: OverrideProps) {
  const { t, format } = useI18n()
  const [draft, setDraft] = useState(NOTHING)
  const [active, setActive] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const isChanged = decisionOf(draft, example).kind === 'override'
  const save = async () => {
    setBusy(true)
    setError(undefined)
    const criteria = example.criteria.map((it) => ({ criterion: it.criterion, marks: marksIn(draft, it) }))
    try {
      await onSave({ criteria, comment: draft.comment.trim() || undefined })
      setDraft(NOTHING)
      onClose()
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog title={t('groups.overrideTitle', { count })} open={open} onClose={onClose}>
      <div className="grid gap-4">
        <p className="text-sm text-ink-soft">{t('groups.overrideAbout')}</p>
        <ol className="grid gap-2.5">
          {example.criteria.map((criterion, i) => (
            <CriterionField
              key={criterion.criterion}
              number={i + 1}
              criterion={criterion}
              marks={marksIn(draft, criterion)}
              isActive={active === criterion.criterion}
              onActive={setActive}
              onMarks={(marks) => setDraft((before) => withMarks(before, criterion.criterion, marks))}
            />
          ))}
        </ol>
        <TextArea
          label={t('grade.comment')}
          hint={t('grade.commentHint')}
          maxLength={2000}
          value={draft.comment}
          onChange={(event) => setDraft({ ...draft, comment: event.target.value })}
        />
        <FormError error={error} />
        <div className="flex items-center justify-between gap-3">
          <p className="font-semibold tabular-nums" aria-live="polite">
            {format.number(totalIn(draft, example))} / {format.number(example.max_marks)}
          </p>
          <Button busy={busy} disabled={!isChanged} onClick={() => void save()}>
            {t('groups.save', { count })}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

/** Who is in the group; some can be moved out of it or into another one. */
function Members({ assessment, question, group, all, names, mayDecide }: CardProps & { mayDecide: boolean }) {
  const { t, format } = useI18n()
  const { organization } = useOrganization()
  const say = useSay()
  const move = useMoveAnswers(assessment, question)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const others = all.filter((it) => it.id !== group.id)
  const isAll = chosen.size === group.members.length
  const go = (to?: string) => {
    const members = group.members
      .filter((it) => chosen.has(it.submission))
      .map(({ submission, placement }) => ({ submission, placement }))
    const onSuccess = (results: Api<'MemberMoved'>[]) => {
      const failed = results.filter((it) => it.refused).length
      setChosen(new Set())
      say.done(t(failed ? 'groups.someStayed' : 'groups.moved', { count: results.length - failed, failed }))
    }
    // Not with the callbacks of `mutate`: they are not called when the group, and so this part of the page, is gone.
    move.mutateAsync({ members, to }).then(onSuccess, say.failed)
  }
  return (
    <details className="mt-4">
      <summary className="cursor-pointer text-sm font-medium">{t('groups.who')}</summary>
      {mayDecide && (
        <div className="mt-3 flex flex-wrap items-end gap-3">
          <CheckField
            label={t('groups.all')}
            checked={isAll}
            onChange={() => setChosen(new Set(isAll ? [] : group.members.map((it) => it.submission)))}
            className="min-h-10 items-center"
          />
          <Button
            look="secondary"
            small
            busy={move.isPending}
            disabled={chosen.size === 0 || isAll}
            onClick={() => go()}
          >
            {t('groups.split')}
          </Button>
          {others.length > 0 && (
            <SelectField
              label={t('groups.merge')}
              value=""
              disabled={chosen.size === 0 || move.isPending}
              onChange={(event) => event.target.value && go(event.target.value)}
              className="max-w-xs"
            >
              <option value="">{t('groups.choose')}</option>
              {others.map((it) => (
                <option key={it.id} value={it.id}>
                  {excerpt(it.example?.answer) || names(it.id)}
                </option>
              ))}
            </SelectField>
          )}
        </div>
      )}
      <ul className="mt-3 divide-y divide-line text-sm">
        {group.members.map((it) => (
          <li key={it.submission} className="flex flex-wrap items-center gap-3 py-2">
            {mayDecide && (
              <input
                type="checkbox"
                aria-label={t('groups.chooseOne', { name: names(it.submission) })}
                checked={chosen.has(it.submission)}
                onChange={() => setChosen(toggled(chosen, it.submission))}
                className="size-5 accent-(--accent)"
              />
            )}
            <Link
              to={`/o/${organization.id}/assessments/${assessment}/grade?order=question&question=${encodeURIComponent(question)}&at=${it.submission}:${encodeURIComponent(question)}`}
              className="font-medium underline-offset-4 hover:underline"
            >
              {names(it.submission)}
            </Link>
            <span className="tabular-nums">
              {format.number(it.marks)} / {format.number(it.max_marks)}
            </span>
            {it.decided_by ? (
              <Badge tone="right">{t('grade.decided')}</Badge>
            ) : (
              <span className="text-ink-soft">
                {t('grade.confidence', { confidence: format.percent(it.confidence) })}
              </span>
            )}
            {it.is_moved && <Badge>{t('groups.byHand')}</Badge>}
          </li>
        ))}
      </ul>
    </details>
  )
}

const EXCERPT = 60

function excerpt(answer: string | undefined): string {
  const text = (answer ?? '').replace(/\s+/g, ' ').trim()
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text
}
