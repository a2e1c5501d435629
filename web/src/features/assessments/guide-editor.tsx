import { ArrowDown, ArrowUp, FileUp, History, Plus, Trash2 } from 'lucide-react'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { useBlocker } from 'react-router'

import type { Api } from '@/api/types'
import { Button, IconButton } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { NumberField, SelectField, TextArea, TextField } from '@/components/field'
import { Loaded, Notice, FormError, Empty } from '@/components/states'
import { Badge, Card } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useCan } from '@/features/organization/context'
import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'

import { useGuide } from './api/use-guide'
import { usePublishGuide } from './api/use-publish-guide'
import { useShown } from './frame'
import {
  diffOf,
  KINDS,
  markingOf,
  nextId,
  nextLabel,
  option,
  slipsOf,
  sum,
  totalOf,
  type Criterion,
  type Guide,
  type Kind,
  type Marking,
  type Question,
} from './guide'
import { Changes } from './guide-changes'
import { GuideVersions } from './guide-versions'

const GuideImport = lazy(() => import('./guide-import'))

/** The marking guide: the version in force, to be changed and published as the next one. */
export default function GuidePage() {
  const { assessment } = useShown()
  const version = assessment.guides.at(-1)?.version
  return version === undefined ? (
    <Editor key="new" assessment={assessment} published={undefined} />
  ) : (
    <Published assessment={assessment} version={version} />
  )
}

function Published({ assessment, version }: { assessment: Api<'Assessment'>; version: number }) {
  const guide = useGuide(assessment.id, version)
  return (
    <Loaded query={guide} lines={6}>
      {(guide) => <Editor key={version} assessment={assessment} published={guide} />}
    </Loaded>
  )
}

type EditorProps = { assessment: Api<'Assessment'>; published: Guide | undefined }

function Editor({ assessment, published }: EditorProps) {
  const { t, format } = useI18n()
  const mayManage = useCan('manage_assessments')
  const publish = usePublishGuide(assessment.id)
  const say = useSay()
  const [questions, setQuestions] = useState<Question[]>(published?.questions ?? [])
  const [open, setOpen] = useState<'import' | 'versions' | 'publish'>()
  const [tried, setTried] = useState(false)
  const slips = useMemo(() => slipsOf(questions), [questions])
  const isChanged = diffOf(published?.questions ?? [], questions).length > 0 || isMoved(published?.questions, questions)
  useLeaveWarning(isChanged && !publish.isPending)

  const change = (index: number, next: Question) => setQuestions((all) => all.map((it, i) => (i === index ? next : it)))
  const move = (index: number, by: number) =>
    setQuestions((all) => {
      const moved = [...all]
      const [one] = moved.splice(index, 1)
      if (one) moved.splice(index + by, 0, one)
      return moved
    })
  const add = () =>
    setQuestions((all) => [
      ...all,
      {
        label: nextLabel(all.map((it) => it.label)),
        text: '',
        marks: 1,
        marking: markingOf('short_answer', undefined, 1),
      },
    ])
  const send = async () => {
    const guide = {
      schema_version: 1,
      title: assessment.title,
      total_marks: totalOf(questions),
      questions: questions.map(tidy),
    }
    await publish.mutateAsync(guide)
    say.done(t('guide.published'))
  }

  return (
    <div className="grid gap-5">
      <div className="sticky top-14 z-10 -mx-1 flex flex-wrap items-center gap-3 bg-paper px-1 py-2">
        <p className="text-sm font-medium" role="status">
          {t('guide.total', { count: questions.length, marks: totalOf(questions) })}
        </p>
        {published && <Badge>{t('guide.version', { version: assessment.guides.at(-1)?.version ?? 0 })}</Badge>}
        {isChanged && <Badge tone="doubt">{t('guide.unpublished')}</Badge>}
        <div className="flex-1" />
        {assessment.guides.length > 1 && (
          <Button look="ghost" small onClick={() => setOpen('versions')}>
            <History aria-hidden className="size-4" />
            {t('guide.versions')}
          </Button>
        )}
        {mayManage && (
          <>
            <Button look="secondary" small onClick={() => setOpen('import')}>
              <FileUp aria-hidden className="size-4" />
              {t('guide.import')}
            </Button>
            <Button
              small
              busy={publish.isPending}
              disabled={!isChanged || questions.length === 0}
              onClick={() => {
                setTried(true)
                if (slips.length === 0) setOpen('publish')
              }}
            >
              {t('guide.publish')}
            </Button>
          </>
        )}
      </div>
      {tried && slips.length > 0 && (
        <Notice tone="wrong">
          <p>{t('guide.slips', { count: slips.length })}</p>
        </Notice>
      )}
      {questions.length === 0 && (
        <Empty icon={FileUp} title={t('guide.none')}>
          <p>{t('guide.noneAbout')}</p>
        </Empty>
      )}
      <fieldset disabled={!mayManage} className="grid min-w-0 gap-5">
        <legend className="sr-only">{t('assessments.guide')}</legend>
        {questions.map((question, index) => (
          <QuestionCard
            key={index}
            question={question}
            onChange={(next) => change(index, next)}
            onRemove={() => setQuestions((all) => all.filter((_, i) => i !== index))}
            onMove={(by) => move(index, by)}
            isFirst={index === 0}
            isLast={index === questions.length - 1}
            slips={slips.filter((slip) => slip.question === index).map((slip) => t(slip.key, slip.values))}
          />
        ))}
        {mayManage && (
          <Button look="secondary" onClick={add} className="justify-self-start">
            <Plus aria-hidden className="size-4" />
            {t('guide.addQuestion')}
          </Button>
        )}
      </fieldset>
      <Confirm
        title={t('guide.publish')}
        action={t('guide.publish')}
        open={open === 'publish'}
        onClose={() => setOpen(undefined)}
        onConfirm={send}
        harmless
      >
        <p>{t('guide.publishAbout')}</p>
        <Changes before={published?.questions ?? []} after={questions} />
        <p className="font-medium text-ink">{t('guide.totalMarks', { marks: format.number(totalOf(questions)) })}</p>
      </Confirm>
      <FormError error={publish.error} />
      {open === 'versions' && <GuideVersions assessment={assessment} onClose={() => setOpen(undefined)} />}
      {open === 'import' && (
        <Suspense>
          <GuideImport
            onClose={() => setOpen(undefined)}
            onImport={(imported) => {
              setQuestions(imported)
              setOpen(undefined)
            }}
          />
        </Suspense>
      )}
    </div>
  )
}

const isMoved = (before: Question[] | undefined, after: Question[]) =>
  before?.map((it) => it.label).join() !== after.map((it) => it.label).join() && before !== undefined

/** Empty lines and what a kind doesn't use are left out of what is published. */
function tidy(question: Question): Question {
  const filled = (texts: string[] | undefined) => (texts ?? []).map((it) => it.trim()).filter(Boolean)
  const { marking } = question
  switch (marking.kind) {
    case 'short_answer':
    case 'explanation':
      return {
        ...question,
        marking: {
          ...marking,
          criteria: marking.criteria.map((it) => ({ ...it, accepted_phrasings: filled(it.accepted_phrasings) })),
          reference_answers: filled(marking.reference_answers),
        },
      }
    case 'numeric':
      return { ...question, marking: { ...marking, units: filled(marking.units) } }
    default:
      return question
  }
}

/** Asks before leaving a guide that is not published. */
function useLeaveWarning(when: boolean) {
  const { t } = useI18n()
  const blocker = useBlocker(when)
  useEffect(() => {
    if (blocker.state === 'blocked') {
      if (confirm(t('guide.leave'))) blocker.proceed()
      else blocker.reset()
    }
  }, [blocker, t])
  useEffect(() => {
    if (!when) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [when])
}

type CardProps = {
  question: Question
  onChange: (question: Question) => void
  onRemove: () => void
  onMove: (by: number) => void
  isFirst: boolean
  isLast: boolean
  slips: string[]
}

function QuestionCard({ question, onChange, onRemove, onMove, isFirst, isLast, slips }: CardProps) {
  const { t, named } = useI18n()
  const { label, marking, marks } = question
  const name = t('guide.question', { label })
  return (
    <Card aria-label={name} className="grid gap-5">
      <div className="flex flex-wrap items-end gap-3">
        <TextField
          label={t('guide.label')}
          value={label}
          maxLength={10}
          onChange={(event) => onChange({ ...question, label: event.target.value })}
          className="w-24"
        />
        <SelectField
          label={t('guide.kind')}
          value={marking.kind}
          onChange={(event) =>
            onChange({ ...question, marking: markingOf(event.target.value as Kind, marking, marks) })
          }
          className="min-w-44"
        >
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {named('kind', kind)}
            </option>
          ))}
        </SelectField>
        <NumberField
          label={t('guide.marks')}
          value={Number.isNaN(marks) ? undefined : marks}
          onChange={(value) => onChange({ ...question, marks: value ?? Number.NaN })}
          className="w-24"
        />
        <div className="flex-1" />
        <IconButton label={t('guide.up', { name })} disabled={isFirst} onClick={() => onMove(-1)}>
          <ArrowUp aria-hidden className="size-4" />
        </IconButton>
        <IconButton label={t('guide.down', { name })} disabled={isLast} onClick={() => onMove(1)}>
          <ArrowDown aria-hidden className="size-4" />
        </IconButton>
        <IconButton label={t('guide.removeQuestion', { name })} onClick={onRemove}>
          <Trash2 aria-hidden className="size-4" />
        </IconButton>
      </div>
      <TextArea
        label={t('guide.text')}
        value={question.text}
        maxLength={4000}
        onChange={(event) => onChange({ ...question, text: event.target.value })}
      />
      <MarkingFields marking={marking} marks={marks} onChange={(next) => onChange({ ...question, marking: next })} />
      {slips.length > 0 && (
        <ul className="grid gap-1 text-sm text-wrong" role="status">
          {slips.map((slip) => (
            <li key={slip}>{slip}</li>
          ))}
        </ul>
      )}
    </Card>
  )
}

type MarkingProps = { marking: Marking; marks: number; onChange: (marking: Marking) => void }

function MarkingFields({ marking, marks, onChange }: MarkingProps) {
  const { t } = useI18n()
  switch (marking.kind) {
    case 'short_answer':
    case 'explanation':
      return (
        <>
          <Criteria
            marks={marks}
            criteria={marking.criteria}
            onChange={(criteria) => onChange({ ...marking, criteria })}
          />
          <Lines
            label={t('guide.references')}
            hint={t('guide.referencesHint')}
            lines={marking.reference_answers ?? []}
            onChange={(reference_answers) => onChange({ ...marking, reference_answers })}
          />
        </>
      )
    case 'numeric':
      return (
        <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
          <NumberField
            label={t('guide.value')}
            value={Number.isNaN(marking.value) ? undefined : marking.value}
            onChange={(value) => onChange({ ...marking, value: value ?? Number.NaN })}
          />
          <NumberField
            label={t('guide.tolerance')}
            value={marking.tolerance}
            onChange={(tolerance) => onChange({ ...marking, tolerance: tolerance ?? 0 })}
          />
          <NumberField
            label={t('guide.unitMarks')}
            value={marking.unit_marks}
            onChange={(unit_marks) => onChange({ ...marking, unit_marks })}
          />
          <Lines
            label={t('guide.units')}
            hint={t('guide.unitsHint')}
            lines={marking.units ?? []}
            onChange={(units) => onChange({ ...marking, units })}
          />
        </div>
      )
    default:
      return <Options marking={marking} onChange={onChange} />
  }
}

type LinesProps = { label: string; hint: string; lines: string[]; onChange: (lines: string[]) => void }

/** Several texts, one a line. */
const Lines = ({ label, hint, lines, onChange }: LinesProps) => (
  <TextArea
    label={label}
    hint={hint}
    rows={2}
    value={lines.join('\n')}
    onChange={(event) => onChange(event.target.value === '' ? [] : event.target.value.split('\n'))}
  />
)

type CriteriaProps = { criteria: Criterion[]; marks: number; onChange: (criteria: Criterion[]) => void }

function Criteria({ criteria, marks, onChange }: CriteriaProps) {
  const { t, format } = useI18n()
  const total = sum(criteria.map((it) => it.marks || 0))
  const fits = total === marks
  const change = (index: number, next: Partial<Criterion>) =>
    onChange(criteria.map((it, i) => (i === index ? { ...it, ...next } : it)))
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-2 flex w-full items-center gap-3 text-sm font-medium">
        {t('guide.criteria')}
        <span className={cn('rounded-full px-2 text-xs', fits ? 'bg-good-soft text-good' : 'bg-doubt-soft text-doubt')}>
          {t('guide.ofMarks', { total: format.number(total), marks: format.number(marks || 0) })}
        </span>
      </legend>
      {criteria.map((criterion, index) => (
        <div key={criterion.id} className="grid gap-3 rounded-xl bg-sunken p-4 md:grid-cols-[1fr_6rem_auto]">
          <TextField
            label={t('guide.criterion', { number: index + 1 })}
            value={criterion.description}
            maxLength={1000}
            onChange={(event) => change(index, { description: event.target.value })}
          />
          <NumberField
            label={t('guide.marks')}
            value={Number.isNaN(criterion.marks) ? undefined : criterion.marks}
            onChange={(value) => change(index, { marks: value ?? Number.NaN })}
          />
          <IconButton
            label={t('guide.removeCriterion', { number: index + 1 })}
            className="self-end"
            disabled={criteria.length === 1}
            onClick={() => onChange(criteria.filter((_, i) => i !== index))}
          >
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
          <div className="md:col-span-3">
            <Lines
              label={t('guide.phrasings')}
              hint={t('guide.phrasingsHint')}
              lines={criterion.accepted_phrasings ?? []}
              onChange={(accepted_phrasings) => change(index, { accepted_phrasings })}
            />
          </div>
        </div>
      ))}
      <Button
        look="ghost"
        small
        className="justify-self-start"
        onClick={() =>
          onChange([...criteria, { id: nextId(criteria), description: '', marks: 1, accepted_phrasings: [] }])
        }
      >
        <Plus aria-hidden className="size-4" />
        {t('guide.addCriterion')}
      </Button>
    </fieldset>
  )
}

type ChoiceMarking = Extract<Marking, { options: unknown }>

function Options({ marking, onChange }: { marking: ChoiceMarking; onChange: (marking: Marking) => void }) {
  const { t } = useI18n()
  const single = marking.kind === 'single_choice'
  const toggle = (key: string) => {
    const others = marking.correct.filter((it) => it !== key)
    const correct = single ? [key] : others.length < marking.correct.length ? others : [...others, key]
    onChange({ ...marking, correct })
  }
  const nextKey = String.fromCharCode((marking.options.at(-1)?.key ?? '@').charCodeAt(0) + 1)
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-2 text-sm font-medium">{t('guide.options')}</legend>
      {marking.options.map(({ key, text }, index) => (
        <div key={key} className="flex items-center gap-3">
          <input
            type={single ? 'radio' : 'checkbox'}
            aria-label={t('guide.isCorrect', { key })}
            checked={marking.correct.includes(key)}
            onChange={() => toggle(key)}
            className="size-5 shrink-0 accent-(--accent)"
          />
          <span className="w-5 text-sm font-medium">{key}</span>
          <TextField
            label={t('guide.option', { key })}
            labelHidden
            value={text}
            onChange={(event) =>
              onChange({
                ...marking,
                options: marking.options.map((it, i) => (i === index ? { ...it, text: event.target.value } : it)),
              })
            }
            className="flex-1"
          />
          <IconButton
            label={t('guide.removeOption', { key })}
            disabled={marking.options.length <= 2}
            onClick={() =>
              onChange({
                ...marking,
                options: marking.options.filter((it) => it.key !== key),
                correct: marking.correct.filter((it) => it !== key),
              })
            }
          >
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
        </div>
      ))}
      {marking.options.length < 26 && (
        <Button
          look="ghost"
          small
          className="justify-self-start"
          onClick={() => onChange({ ...marking, options: [...marking.options, option(nextKey)] })}
        >
          <Plus aria-hidden className="size-4" />
          {t('guide.addOption')}
        </Button>
      )}
    </fieldset>
  )
}
