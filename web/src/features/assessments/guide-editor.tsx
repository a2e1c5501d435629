import { ArrowDown, ArrowUp, FileUp, History, Plus, Trash2 } from 'lucide-react'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'

import type { Api } from '@/api/types'
import { Button, IconButton } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { NumberField, SelectField, TextArea, TextField } from '@/components/field'
import { Loaded, Notice, FormError, Empty } from '@/components/states'
import { Badge, Card } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useCan } from '@/features/organization/context'
import { useI18n } from '@/i18n'
import { useLeaveWarning } from '@/lib/use-leave-warning'

import { useAssessment } from './api/use-assessment'
import { useGuide } from './api/use-guide'
import { usePublishGuide } from './api/use-publish-guide'
import { BestOfFields } from './best-of'
import { useShown } from './frame'
import {
  bestOfSlips,
  diffOf,
  KINDS,
  markingOf,
  nextLabel,
  slipsOf,
  totalOf,
  type BestOf,
  type Criteria,
  type Guide,
  type Kind,
  type Question,
} from './guide'
import { Changes } from './guide-changes'
import { GuideVersions } from './guide-versions'
import { MarkingFields } from './marking-fields'

const GuideImport = lazy(() => import('./guide-import'))

/**
 * The marking guide: the version in force, to be changed and published as the next one. While it is changed here, it
 * stays the version that was changed, even if somebody else publishes the next one.
 */
export default function GuidePage() {
  const { assessment } = useShown()
  return <GuideOf key={assessment.id} assessment={assessment} />
}

function GuideOf({ assessment }: { assessment: Api<'Assessment'> }) {
  const [version, setVersion] = useState(assessment.guides.at(-1)?.version)
  const props = { assessment, version, onVersion: setVersion }
  return version === undefined ? (
    <Editor key="new" {...props} published={undefined} />
  ) : (
    <Published {...props} version={version} />
  )
}

function Published(props: Omit<EditorProps, 'published'> & { version: number }) {
  const guide = useGuide(props.assessment.id, props.version)
  return (
    <Loaded query={guide} lines={6}>
      {(guide) => <Editor key={props.version} {...props} published={guide} />}
    </Loaded>
  )
}

type EditorProps = {
  assessment: Api<'Assessment'>
  /** The version that is changed here; none as long as there was none. */
  version: number | undefined
  onVersion: (version: number) => void
  published: Guide | undefined
}

function Editor({ assessment, version, onVersion, published }: EditorProps) {
  const { t, format } = useI18n()
  const mayManage = useCan('manage_assessments')
  const publish = usePublishGuide(assessment.id)
  const say = useSay()
  const [questions, setQuestions] = useState<Question[]>(published?.questions ?? [])
  const [bestOf, setBestOf] = useState<BestOf[]>(published?.best_of ?? [])
  const [open, setOpen] = useState<'import' | 'versions' | 'publish'>()
  const [tried, setTried] = useState(false)
  const slips = useMemo(() => slipsOf(questions), [questions])
  const slipCount = slips.length + bestOfSlips(bestOf, questions).length
  const total = totalOf(questions, bestOf)
  const isChanged =
    diffOf(published?.questions ?? [], questions).length > 0 ||
    isMoved(published?.questions, questions) ||
    JSON.stringify(published?.best_of ?? []) !== JSON.stringify(bestOf)
  useLeaveWarning(isChanged && !publish.isPending, t('guide.leave'))

  const { refetch } = useAssessment(assessment.id)
  const newest = assessment.guides.at(-1)?.version
  const isOvertaken = newest !== undefined && newest > (version ?? 0) && !publish.isPending
  const theirs = useGuide(assessment.id, newest ?? 0, isOvertaken).data
  const isFree = !isChanged && open === undefined
  useEffect(() => {
    if (isOvertaken && isFree) onVersion(newest)
  }, [isOvertaken, isFree, newest, onVersion])

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
      total_marks: total,
      questions: questions.map(tidy),
      best_of: bestOf,
    }
    const { version } = await publish.mutateAsync(guide)
    say.done(t('guide.published'))
    onVersion(version)
  }

  return (
    <div className="grid gap-5">
      <div className="sticky top-14 z-10 -mx-1 flex flex-wrap items-center gap-3 bg-paper px-1 py-2">
        <p className="text-sm font-medium" role="status">
          {t('guide.total', { count: questions.length, marks: total })}
        </p>
        {version !== undefined && <Badge>{t('guide.version', { version })}</Badge>}
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
                if (slipCount === 0) setOpen('publish')
                // Somebody else may have published meanwhile: then what is shown is how it differs from that.
                void refetch()
              }}
            >
              {t('guide.publish')}
            </Button>
          </>
        )}
      </div>
      {isOvertaken && isChanged && (
        <Notice tone="doubt">
          <p>{t('guide.overtaken', { version: newest })}</p>
          <Button look="secondary" small className="justify-self-start" onClick={() => onVersion(newest)}>
            {t('guide.takeTheirs')}
          </Button>
        </Notice>
      )}
      {tried && slipCount > 0 && (
        <Notice tone="wrong">
          <p>{t('guide.slips', { count: slipCount })}</p>
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
        <BestOfFields bestOf={bestOf} questions={questions} onChange={setBestOf} />
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
        <Changes
          before={(isOvertaken ? theirs : undefined) ?? published ?? { questions: [] }}
          after={{ questions, best_of: bestOf }}
        />
        <p className="font-medium text-ink">{t('guide.totalMarks', { marks: format.number(total) })}</p>
      </Confirm>
      <FormError error={publish.error} />
      {open === 'versions' && <GuideVersions assessment={assessment} onClose={() => setOpen(undefined)} />}
      {open === 'import' && (
        <Suspense>
          <GuideImport
            assessment={assessment.id}
            onClose={() => setOpen(undefined)}
            onImport={(imported, bestOf) => {
              setQuestions(imported)
              setBestOf(bestOf)
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

const filled = (texts: string[] | undefined) => (texts ?? []).map((it) => it.trim()).filter(Boolean)

/** Empty lines and what a kind doesn't use are left out of what is published. */
function tidy(question: Question): Question {
  const { marking } = question
  switch (marking.kind) {
    case 'short_answer':
    case 'explanation':
      return { ...question, marking: { ...marking, ...tidyPart(marking) } }
    case 'true_false':
      return { ...question, marking: { ...marking, reason: marking.reason && tidyPart(marking.reason) } }
    case 'steps': {
      const steps = marking.steps.map((it) =>
        it.result
          ? { ...it, accepted_phrasings: [], result: { ...it.result, units: filled(it.result.units) } }
          : { ...it, accepted_phrasings: filled(it.accepted_phrasings) },
      )
      return { ...question, marking: { ...marking, steps } }
    }
    case 'numeric':
      return { ...question, marking: { ...marking, units: filled(marking.units) } }
    default:
      return question
  }
}

/** A rule that names a criterion which is gone, or takes marks off, names it no longer. */
function tidyPart(part: Criteria): Criteria {
  const earning = new Set(part.criteria.filter((it) => it.marks > 0).map((it) => it.id))
  const groups = (part.groups ?? []).map((it) => ({ ...it, criteria: it.criteria.filter((id) => earning.has(id)) }))
  return {
    ...part,
    criteria: part.criteria.map((it) => ({ ...it, accepted_phrasings: filled(it.accepted_phrasings) })),
    groups: groups.filter((it) => it.criteria.length > 0),
    reference_answers: filled(part.reference_answers),
  }
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
        <NumberField
          label={t('guide.minimum')}
          value={question.minimum ?? 0}
          onChange={(minimum) => onChange({ ...question, minimum: minimum ?? 0 })}
          className="w-24"
        />
        <div className="flex-1" />
        <div className="flex">
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
