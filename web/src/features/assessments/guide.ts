import type { Api } from '@/api/types'
import type { Key } from '@/i18n'
import { addUp, sum, thousandths } from '@/lib/totals'

export type Guide = Api<'Guide'>
export type Question = Api<'Question'>
export type Marking = Api<'Marking'>
export type Kind = Marking['kind']
export type Criterion = Api<'Criterion'>
export type Step = Api<'Step'>
export type Criteria = Api<'Criteria'>
export type BestOf = Api<'BestOf'>

export const KINDS: Kind[] = [
  'short_answer',
  'explanation',
  'numeric',
  'single_choice',
  'multiple_choice',
  'true_false',
  'steps',
]

/** Marks of the questions; of those of which only the best count, as many as count. */
export function totalOf(questions: Question[], bestOf: BestOf[] = []) {
  const all = sum(questions.map((question) => question.marks || 0))
  const left = bestOf.map(({ count, questions: labels }) => {
    const marks = questions.find((question) => question.label === labels[0])?.marks ?? 0
    return marks * Math.max(0, labels.length - count)
  })
  return (thousandths(all) - thousandths(sum(left))) / 1000
}

/** What earns marks in a question, if it has criteria. */
export const criteriaOf = (marking: Marking): Criterion[] | undefined =>
  marking.kind === 'short_answer' || marking.kind === 'explanation' ? marking.criteria : undefined

/** The written part of a question, if it has one: what is compared criterion by criterion. */
export const writtenOf = (marking: Marking): Criteria | undefined => {
  if (marking.kind === 'true_false') return marking.reason ?? undefined
  return marking.kind === 'short_answer' || marking.kind === 'explanation' ? marking : undefined
}

const firstCriterion = (marks: number): Criterion => ({ id: 'c1', description: '', marks, accepted_phrasings: [] })

/** What a question of a kind begins with. What two kinds share is kept. */
export function markingOf(kind: Kind, before: Marking | undefined, marks: number): Marking {
  switch (kind) {
    case 'short_answer':
    case 'explanation': {
      const criteria = (before && criteriaOf(before)) ?? [firstCriterion(marks)]
      const reference_answers = (before && 'reference_answers' in before && before.reference_answers) || []
      return { kind, criteria, reference_answers }
    }
    case 'true_false':
      return { kind, is_true: true, verdict_marks: marks }
    case 'steps':
      return { kind, steps: [firstStep(marks)] }
    case 'numeric':
      return { kind, value: 0, tolerance: 0, units: [] }
    case 'single_choice':
    case 'multiple_choice': {
      const options = before && 'options' in before ? before.options : [option('A'), option('B')]
      const correct = before && 'correct' in before ? before.correct : []
      return { kind, options, correct: kind === 'single_choice' ? correct.slice(0, 1) : correct }
    }
  }
}

const firstStep = (marks: number): Step => ({ id: 's1', description: '', marks })
export const option = (key: string) => ({ key, text: '' })

/** The next label: after `3a` comes `3b`, after `4` comes `5`. */
export function nextLabel(labels: string[]): string {
  const last = labels.at(-1)
  if (!last) return '1'
  const letter = /^(.*)([a-y])$/.exec(last)
  if (letter) return `${letter[1]}${String.fromCharCode((letter[2] ?? 'a').charCodeAt(0) + 1)}`
  const number = /^(\d+)/.exec(last)
  return number ? String(Number(number[1]) + 1) : ''
}

/** A fresh id for a criterion or a step; ids stay what they are when they move. */
export function nextId(all: { id: string }[], letter: 'c' | 's' = 'c'): string {
  const taken = new Set(all.map((it) => it.id))
  let number = all.length + 1
  while (taken.has(`${letter}${number}`)) number += 1
  return `${letter}${number}`
}

export type Slip = { question: number; key: Key; values?: Record<string, string | number> }

/** What is not right yet; the service would refuse it too. */
export function slipsOf(questions: Question[]): Slip[] {
  const labels = questions.map((question) => question.label)
  return questions.flatMap((question, index) => {
    const slip = (key: Key, values?: Slip['values']): Slip => ({ question: index, key, values })
    const slips: Slip[] = []
    if (!/^[0-9A-Za-z]{1,10}$/.test(question.label)) slips.push(slip('slip.label'))
    else if (labels.indexOf(question.label) !== index) slips.push(slip('slip.labelTwice', { label: question.label }))
    if (!question.text.trim()) slips.push(slip('slip.text'))
    if (!(question.marks > 0)) slips.push(slip('slip.marks'))
    return [...slips, ...markingSlips(question).map(({ key, values }) => slip(key, values))]
  })
}

type MarkingSlip = Omit<Slip, 'question'>

/** What its criteria earn at most, by the question's rules. */
export const mostOf = (part: Criteria, floor = 0) => {
  const best = part.criteria.map((it) => ({
    criterion: it.id,
    marks: Math.max(0, it.marks || 0),
    max_marks: Math.max(0, it.marks || 0),
  }))
  return addUp({ groups: part.groups, minimum: floor }, best, Number.MAX_SAFE_INTEGER / 1000)
}

function markingSlips({ marking, marks, minimum }: Question): MarkingSlip[] {
  const slips: MarkingSlip[] = []
  const adds = (total: number) => {
    if (thousandths(total) !== thousandths(marks)) slips.push({ key: 'slip.sum', values: { total, marks } })
  }
  switch (marking.kind) {
    case 'short_answer':
    case 'explanation':
      slips.push(...criteriaSlips(marking))
      if (marking.criteria.length > 0) adds(mostOf(marking))
      break
    case 'true_false':
      if (!(marking.verdict_marks > 0)) slips.push({ key: 'slip.verdictMarks' })
      if (marking.reason) slips.push(...criteriaSlips(marking.reason))
      // A reason without criteria is compared with its model answers, and has the marks that are left.
      if (!marking.reason || marking.reason.criteria.length > 0) {
        adds(sum([marking.verdict_marks || 0, marking.reason ? mostOf(marking.reason) : 0]))
      }
      break
    case 'steps':
      if (marking.steps.length === 0) slips.push({ key: 'slip.noSteps' })
      if (marking.steps.some((it) => !it.description.trim())) slips.push({ key: 'slip.criterionText' })
      if (marking.steps.some((it) => !/^[A-Za-z][A-Za-z0-9_]*$/.test(it.id))) slips.push({ key: 'slip.stepId' })
      if (new Set(marking.steps.map((it) => it.id)).size < marking.steps.length) slips.push({ key: 'slip.stepIdTwice' })
      if (marking.steps.some((it) => !(it.marks > 0))) slips.push({ key: 'slip.stepMarks' })
      if (marking.steps.some((it) => it.result && !Number.isFinite(it.result.value))) slips.push({ key: 'slip.value' })
      adds(sum(marking.steps.map((it) => it.marks || 0)))
      break
    case 'numeric': {
      const parts = sum([marking.unit_marks ?? 0, marking.significant_figures_marks ?? 0])
      if (!Number.isFinite(marking.value)) slips.push({ key: 'slip.value' })
      if (!(marking.tolerance >= 0)) slips.push({ key: 'slip.tolerance' })
      if (parts > marks) slips.push({ key: 'slip.unitMarks' })
      if ((marking.unit_marks ?? 0) > 0 && !marking.units?.length) slips.push({ key: 'slip.unit' })
      if ((marking.significant_figures_marks ?? 0) > 0 && !marking.significant_figures) {
        slips.push({ key: 'slip.figures' })
      }
      break
    }
    default:
      if (marking.options.some((it) => !it.text.trim())) slips.push({ key: 'slip.option' })
      if (marking.correct.length === 0) slips.push({ key: 'slip.correct' })
      if (marking.kind === 'single_choice' && marking.wrong_option_costs && !minimum) slips.push({ key: 'slip.floor' })
  }
  return slips
}

function criteriaSlips({ criteria, groups, reference_answers }: Criteria): MarkingSlip[] {
  const slips: MarkingSlip[] = []
  if (criteria.length === 0 && !reference_answers?.[0]?.trim()) slips.push({ key: 'slip.noCriteria' })
  if (criteria.some((it) => !it.description.trim())) slips.push({ key: 'slip.criterionText' })
  if (criteria.some((it) => !it.marks)) slips.push({ key: 'slip.criterionMarks' })
  const rises = (marks: number[]) => marks.every((it, i) => i === 0 || it > (marks[i - 1] ?? 0))
  const wrongLevels = criteria.some(({ levels, marks }) => {
    if (!levels?.length) return false
    const all = levels.map((it) => it.marks)
    return levels.length < 2 || !rises(all) || all.at(-1) !== marks || levels.some((it) => !it.name.trim())
  })
  if (wrongLevels) slips.push({ key: 'slip.levels' })
  if (groups?.some((it) => it.criteria.length === 0 || (it.rule === 'at_most' && !(Number(it.marks) > 0)))) {
    slips.push({ key: 'slip.groups' })
  }
  return slips
}

/** What is not right yet with the questions of which only the best count. */
export function bestOfSlips(bestOf: BestOf[], questions: Question[]): Key[] {
  const marks = new Map(questions.map((question) => [question.label, question.marks]))
  return bestOf.flatMap(({ count, questions: labels }): Key[] => {
    if (labels.length < 2 || !(count >= 1) || count >= labels.length) return ['slip.bestOfCount']
    if (new Set(labels.map((label) => marks.get(label))).size > 1) return ['slip.bestOfMarks']
    return []
  })
}

export type Change = { label: string; kind: 'added' | 'removed' | 'changed'; before?: Question; after?: Question }

/** What differs between two versions of a guide, question by question. */
export function diffOf(before: Question[], after: Question[]): Change[] {
  const old = new Map(before.map((question) => [question.label, question]))
  const fresh = new Map(after.map((question) => [question.label, question]))
  const gone: Change[] = before
    .filter((question) => !fresh.has(question.label))
    .map((question) => ({ label: question.label, kind: 'removed', before: question }))
  const others = after.flatMap((question): Change[] => {
    const was = old.get(question.label)
    if (!was) return [{ label: question.label, kind: 'added', after: question }]
    if (canonical(was) === canonical(question)) return []
    return [{ label: question.label, kind: 'changed', before: was, after: question }]
  })
  return [...gone, ...others]
}

const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(
          Object.entries(part)
            .filter(([, it]) => it !== null && !(Array.isArray(it) && it.length === 0))
            .sort(([a], [b]) => a.localeCompare(b)),
        )
      : part,
  )

/** A question in lines of text, so that two versions can be compared by eye. */
export function linesOf(question: Question): string[] {
  const { label, text, marks, marking, minimum } = question
  return [`${label}. ${text} [${marks}]`, ...(minimum ? [`  ≥ ${minimum}`] : []), ...markingLines(marking)]
}

function markingLines(marking: Marking): string[] {
  switch (marking.kind) {
    case 'short_answer':
    case 'explanation':
      return writtenLines(marking)
    case 'true_false':
      return [
        `  = ${marking.is_true ? '✓' : '✗'} [${marking.verdict_marks}]`,
        ...(marking.reason ? writtenLines(marking.reason) : []),
        ...(marking.reason_counts_alone ? ['  ✗ + •'] : []),
      ]
    case 'steps':
      return marking.steps.flatMap(({ id, description, marks, result, accepted_phrasings }) => [
        `  ${id}: ${description} [${marks}]`,
        ...(result ? [`    = ${numberLine(result)}${result.formula ? ` = ${result.formula}` : ''}`] : []),
        ...(accepted_phrasings ?? []).map((it) => `    “${it}”`),
      ])
    case 'numeric': {
      const figures = marking.significant_figures
        ? [`  ${marking.significant_figures} sf [${marking.significant_figures_marks ?? 0}]`]
        : []
      const units = marking.unit_marks ? [`  ${marking.units?.[0] ?? ''} [${marking.unit_marks}]`] : []
      return [`  = ${numberLine(marking)}${marking.converts_units === false ? ' !' : ''}`, ...units, ...figures]
    }
    default:
      return [
        ...marking.options.map((it) => `  ${marking.correct.includes(it.key) ? '☑' : '☐'} ${it.key} ${it.text}`),
        ...(marking.wrong_option_costs ? [`  ☒ −${marking.wrong_option_costs}`] : []),
      ]
  }
}

const numberLine = ({ value, tolerance, units }: { value: number; tolerance: number; units?: string[] }) =>
  `${value} ± ${tolerance} ${(units ?? []).join(' | ')}`.trimEnd()

function writtenLines({ criteria, reference_answers, groups }: Criteria): string[] {
  return [
    ...criteria.flatMap((it) => [
      `  • ${it.description} [${it.marks}]`,
      ...(it.levels ?? []).map((level) => `    ${level.name}: ${level.description} [${level.marks}]`),
      ...(it.accepted_phrasings ?? []).map((phrasing) => `    “${phrasing}”`),
    ]),
    ...(groups ?? []).map((it) => `  ${it.rule} ${it.criteria.join(', ')}${it.marks ? ` [${it.marks}]` : ''}`),
    ...(reference_answers ?? []).map((it) => `  = ${it}`),
  ]
}
