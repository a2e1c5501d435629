import { Plus, Trash2 } from 'lucide-react'

import { Button, IconButton } from '@/components/button'
import { CheckField, NumberField, SelectField, TextArea, TextField } from '@/components/field'
import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'
import { sum } from '@/lib/totals'

import { mostOf, nextId, option, type Criteria as CriteriaPart, type Criterion, type Marking, type Step } from './guide'

type MarkingProps = { marking: Marking; marks: number; onChange: (marking: Marking) => void }

/** What earns marks in a question, by its kind. */
export function MarkingFields({ marking, marks, onChange }: MarkingProps) {
  switch (marking.kind) {
    case 'short_answer':
    case 'explanation':
      return <Written part={marking} marks={marks} onChange={(part) => onChange({ ...part, kind: marking.kind })} />
    case 'numeric':
      return <NumericFields marking={marking} onChange={onChange} />
    case 'true_false':
      return <TrueFalseFields marking={marking} marks={marks} onChange={onChange} />
    case 'steps':
      return <StepsFields marking={marking} marks={marks} onChange={onChange} />
    default:
      return <Options marking={marking} onChange={onChange} />
  }
}

type WrittenProps = { part: CriteriaPart; marks: number; onChange: (part: CriteriaPart) => void }

/** Criteria, how they add up, and reference answers. */
function Written({ part, marks, onChange }: WrittenProps) {
  const { t } = useI18n()
  return (
    <>
      <Criteria marks={marks} part={part} onChange={(criteria) => onChange({ ...part, criteria })} />
      <Groups part={part} onChange={(groups) => onChange({ ...part, groups })} />
      <Lines
        label={t('guide.references')}
        hint={t('guide.referencesHint')}
        lines={part.reference_answers ?? []}
        onChange={(reference_answers) => onChange({ ...part, reference_answers })}
      />
    </>
  )
}

type NumericMarking = Extract<Marking, { kind: 'numeric' }>

function NumericFields({ marking, onChange }: { marking: NumericMarking; onChange: (marking: Marking) => void }) {
  const { t } = useI18n()
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
      <NumberField
        label={t('guide.figures')}
        value={marking.significant_figures ?? undefined}
        onChange={(significant_figures) => onChange({ ...marking, significant_figures })}
      />
      <NumberField
        label={t('guide.figuresMarks')}
        value={marking.significant_figures_marks}
        onChange={(significant_figures_marks) => onChange({ ...marking, significant_figures_marks })}
      />
      <CheckField
        label={t('guide.converts')}
        hint={t('guide.convertsHint')}
        checked={marking.converts_units ?? true}
        onChange={(event) => onChange({ ...marking, converts_units: event.target.checked })}
        className="sm:col-span-2"
      />
    </div>
  )
}

type TrueFalseMarking = Extract<Marking, { kind: 'true_false' }>
type TrueFalseProps = { marking: TrueFalseMarking; marks: number; onChange: (marking: Marking) => void }

function TrueFalseFields({ marking, marks, onChange }: TrueFalseProps) {
  const { t } = useI18n()
  const { reason } = marking
  const rest = sum([marks || 0, -(marking.verdict_marks || 0)])
  const begin = (): CriteriaPart => ({ criteria: [{ id: 'c1', description: '', marks: rest > 0 ? rest : 1 }] })
  return (
    <>
      <div className="flex flex-wrap items-end gap-4">
        <SelectField
          label={t('guide.statement')}
          value={String(marking.is_true)}
          onChange={(event) => onChange({ ...marking, is_true: event.target.value === 'true' })}
        >
          <option value="true">{t('guide.isTrue')}</option>
          <option value="false">{t('guide.isFalse')}</option>
        </SelectField>
        <NumberField
          label={t('guide.verdictMarks')}
          value={Number.isNaN(marking.verdict_marks) ? undefined : marking.verdict_marks}
          onChange={(value) => onChange({ ...marking, verdict_marks: value ?? Number.NaN })}
          className="w-44"
        />
      </div>
      <CheckField
        label={t('guide.asksReason')}
        checked={Boolean(reason)}
        onChange={(event) => onChange({ ...marking, reason: event.target.checked ? begin() : undefined })}
      />
      {reason && (
        <>
          <CheckField
            label={t('guide.reasonAlone')}
            checked={marking.reason_counts_alone ?? false}
            onChange={(event) => onChange({ ...marking, reason_counts_alone: event.target.checked })}
          />
          <Written part={reason} marks={rest} onChange={(next) => onChange({ ...marking, reason: next })} />
        </>
      )}
    </>
  )
}

type StepsMarking = Extract<Marking, { kind: 'steps' }>
type StepsProps = { marking: StepsMarking; marks: number; onChange: (marking: Marking) => void }

function StepsFields({ marking, marks, onChange }: StepsProps) {
  const { t } = useI18n()
  const { steps } = marking
  const put = (next: Step[]) => onChange({ ...marking, steps: next })
  const change = (index: number, next: Partial<Step>) =>
    put(steps.map((it, i) => (i === index ? { ...it, ...next } : it)))
  return (
    <fieldset className="grid gap-3">
      <Legend title={t('guide.steps')} total={sum(steps.map((it) => it.marks || 0))} marks={marks} />
      <p className="text-sm text-ink-soft">{t('guide.stepsHint')}</p>
      {steps.map((step, index) => (
        <div key={index} className="grid gap-3 rounded-xl bg-sunken p-4">
          <div className="grid gap-3 md:grid-cols-[8rem_1fr_6rem_auto]">
            <TextField
              label={t('guide.stepId')}
              value={step.id}
              maxLength={40}
              onChange={(event) => change(index, { id: event.target.value })}
            />
            <TextField
              label={t('guide.step', { number: index + 1 })}
              value={step.description}
              maxLength={1000}
              onChange={(event) => change(index, { description: event.target.value })}
            />
            <NumberField
              label={t('guide.marks')}
              value={Number.isNaN(step.marks) ? undefined : step.marks}
              onChange={(value) => change(index, { marks: value ?? Number.NaN })}
            />
            <IconButton
              label={t('guide.removeStep', { number: index + 1 })}
              className="self-end"
              disabled={steps.length === 1}
              onClick={() => put(steps.filter((_, i) => i !== index))}
            >
              <Trash2 aria-hidden className="size-4" />
            </IconButton>
          </div>
          <CheckField
            label={t('guide.hasResult')}
            checked={Boolean(step.result)}
            onChange={(event) =>
              change(index, event.target.checked ? { result: { value: 0, tolerance: 0 } } : { result: undefined })
            }
          />
          {step.result ? (
            <ResultFields result={step.result} onChange={(result) => change(index, { result })} />
          ) : (
            <Lines
              label={t('guide.phrasings')}
              hint={t('guide.phrasingsHint')}
              lines={step.accepted_phrasings ?? []}
              onChange={(accepted_phrasings) => change(index, { accepted_phrasings })}
            />
          )}
        </div>
      ))}
      <Add
        label={t('guide.addStep')}
        onClick={() => put([...steps, { id: nextId(steps, 's'), description: '', marks: 1 }])}
      />
    </fieldset>
  )
}

type Result = NonNullable<Step['result']>

function ResultFields({ result, onChange }: { result: Result; onChange: (result: Result) => void }) {
  const { t } = useI18n()
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
      <NumberField
        label={t('guide.value')}
        value={Number.isNaN(result.value) ? undefined : result.value}
        onChange={(value) => onChange({ ...result, value: value ?? Number.NaN })}
      />
      <NumberField
        label={t('guide.tolerance')}
        value={result.tolerance}
        onChange={(tolerance) => onChange({ ...result, tolerance: tolerance ?? 0 })}
      />
      <Lines
        label={t('guide.units')}
        hint={t('guide.unitsHint')}
        lines={result.units ?? []}
        onChange={(units) => onChange({ ...result, units })}
      />
      <TextField
        label={t('guide.formula')}
        hint={t('guide.formulaHint')}
        value={result.formula ?? ''}
        maxLength={200}
        onChange={(event) => onChange({ ...result, formula: event.target.value || undefined })}
      />
    </div>
  )
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

const Add = ({ label, onClick }: { label: string; onClick: () => void }) => (
  <Button look="ghost" small className="justify-self-start" onClick={onClick}>
    <Plus aria-hidden className="size-4" />
    {label}
  </Button>
)

/** What the parts of a question add up to, and whether that is what the question has. */
function Legend({ title, total, marks }: { title: string; total: number; marks: number }) {
  const { t, format } = useI18n()
  const fits = total === marks
  return (
    <legend className="mb-2 flex w-full items-center gap-3 text-sm font-medium">
      {title}
      <span className={cn('rounded-full px-2 text-xs', fits ? 'bg-good-soft text-good' : 'bg-doubt-soft text-doubt')}>
        {t('guide.ofMarks', { total: format.number(total), marks: format.number(marks || 0) })}
      </span>
    </legend>
  )
}

type CriteriaProps = { part: CriteriaPart; marks: number; onChange: (criteria: Criterion[]) => void }

function Criteria({ part, marks, onChange }: CriteriaProps) {
  const { t } = useI18n()
  const { criteria } = part
  const change = (index: number, next: Partial<Criterion>) =>
    onChange(criteria.map((it, i) => (i === index ? { ...it, ...next } : it)))
  return (
    <fieldset className="grid gap-3">
      <Legend title={t('guide.criteria')} total={criteria.length ? mostOf(part) : marks} marks={marks} />
      {criteria.length === 0 && <p className="text-sm text-ink-soft">{t('guide.noCriteria')}</p>}
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
            hint={criterion.marks < 0 ? t('guide.takesOff') : undefined}
            value={Number.isNaN(criterion.marks) ? undefined : criterion.marks}
            onChange={(value) => change(index, { marks: value ?? Number.NaN })}
          />
          <IconButton
            label={t('guide.removeCriterion', { number: index + 1 })}
            className="self-end"
            disabled={criteria.length === 1 && !part.reference_answers?.[0]?.trim()}
            onClick={() => onChange(criteria.filter((_, i) => i !== index))}
          >
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
          <div className="grid gap-3 md:col-span-3">
            <Lines
              label={t('guide.phrasings')}
              hint={t('guide.phrasingsHint')}
              lines={criterion.accepted_phrasings ?? []}
              onChange={(accepted_phrasings) => change(index, { accepted_phrasings })}
            />
            {criterion.marks > 0 && <Levels criterion={criterion} onChange={(levels) => change(index, { levels })} />}
          </div>
        </div>
      ))}
      <Add
        label={t('guide.addCriterion')}
        onClick={() =>
          onChange([...criteria, { id: nextId(criteria), description: '', marks: 1, accepted_phrasings: [] }])
        }
      />
    </fieldset>
  )
}

type Level = NonNullable<Criterion['levels']>[number]

/** Poor, fair, good: how well a criterion can be fulfilled. */
function Levels({ criterion, onChange }: { criterion: Criterion; onChange: (levels: Level[]) => void }) {
  const { t } = useI18n()
  const levels = criterion.levels ?? []
  const change = (index: number, next: Partial<Level>) =>
    onChange(levels.map((it, i) => (i === index ? { ...it, ...next } : it)))
  const add = () => {
    const top = levels.at(-1)
    if (!top) {
      const poor = { name: t('guide.levelPoor'), description: '', marks: 0 }
      onChange([poor, { name: t('guide.levelGood'), description: '', marks: criterion.marks }])
      return
    }
    const middle = Math.round(((levels.at(-2)?.marks ?? 0) + top.marks) * 500) / 1000
    onChange([...levels.slice(0, -1), { name: t('guide.levelFair'), description: '', marks: middle }, top])
  }
  return (
    <div className="grid gap-2">
      {levels.map((level, index) => (
        <div key={index} className="grid gap-2 md:grid-cols-[8rem_1fr_6rem_auto]">
          <TextField
            label={t('guide.levelName', { number: index + 1 })}
            labelHidden
            value={level.name}
            maxLength={40}
            onChange={(event) => change(index, { name: event.target.value })}
          />
          <TextField
            label={t('guide.levelText', { number: index + 1 })}
            labelHidden
            placeholder={t('guide.levelText', { number: index + 1 })}
            value={level.description}
            maxLength={1000}
            onChange={(event) => change(index, { description: event.target.value })}
          />
          <NumberField
            label={t('guide.levelMarks', { number: index + 1 })}
            labelHidden
            value={Number.isNaN(level.marks) ? undefined : level.marks}
            onChange={(value) => change(index, { marks: value ?? Number.NaN })}
          />
          <IconButton
            label={t('guide.removeLevel', { number: index + 1 })}
            onClick={() => onChange(levels.length <= 2 ? [] : levels.filter((_, i) => i !== index))}
          >
            <Trash2 aria-hidden className="size-4" />
          </IconButton>
        </div>
      ))}
      {levels.length < 10 && <Add label={t('guide.addLevel')} onClick={add} />}
    </div>
  )
}

type Group = NonNullable<CriteriaPart['groups']>[number]
const RULES = ['any_of', 'all_of', 'at_most'] as const

/** Criteria whose marks are not simply added up. */
function Groups({ part, onChange }: { part: CriteriaPart; onChange: (groups: Group[]) => void }) {
  const { t, named } = useI18n()
  const groups = part.groups ?? []
  const earning = part.criteria.filter((it) => it.marks > 0)
  const change = (index: number, next: Group) => onChange(groups.map((it, i) => (i === index ? next : it)))
  if (earning.length < 2 && groups.length === 0) return null
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-2 text-sm font-medium">{t('guide.groups')}</legend>
      {groups.map((group, index) => (
        <div key={index} className="grid gap-3 rounded-xl bg-sunken p-4">
          <div className="flex flex-wrap items-end gap-3">
            <SelectField
              label={t('guide.rule', { number: index + 1 })}
              value={group.rule}
              onChange={(event) => {
                const rule = RULES.find((it) => it === event.target.value) ?? 'any_of'
                change(index, { ...group, rule, marks: rule === 'at_most' ? (group.marks ?? 1) : undefined })
              }}
            >
              {RULES.map((rule) => (
                <option key={rule} value={rule}>
                  {named('rule', rule)}
                </option>
              ))}
            </SelectField>
            {group.rule === 'at_most' && (
              <NumberField
                label={t('guide.cap')}
                value={group.marks ?? undefined}
                onChange={(value) => change(index, { ...group, marks: value ?? Number.NaN })}
                className="w-24"
              />
            )}
            <div className="flex-1" />
            <IconButton
              label={t('guide.removeRule', { number: index + 1 })}
              onClick={() => onChange(groups.filter((_, i) => i !== index))}
            >
              <Trash2 aria-hidden className="size-4" />
            </IconButton>
          </div>
          {earning.map((criterion) => (
            <CheckField
              key={criterion.id}
              label={criterion.description || t('guide.criterion', { number: part.criteria.indexOf(criterion) + 1 })}
              checked={group.criteria.includes(criterion.id)}
              onChange={(event) => {
                const others = group.criteria.filter((it) => it !== criterion.id)
                change(index, { ...group, criteria: event.target.checked ? [...others, criterion.id] : others })
              }}
            />
          ))}
        </div>
      ))}
      <Add label={t('guide.addRule')} onClick={() => onChange([...groups, { rule: 'any_of', criteria: [] }])} />
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
        <Add
          label={t('guide.addOption')}
          onClick={() => onChange({ ...marking, options: [...marking.options, option(nextKey)] })}
        />
      )}
      <NumberField
        label={t('guide.wrongCosts')}
        hint={t('guide.wrongCostsHint')}
        value={marking.wrong_option_costs ?? undefined}
        onChange={(wrong_option_costs) => onChange({ ...marking, wrong_option_costs })}
        className="max-w-64"
      />
    </fieldset>
  )
}
