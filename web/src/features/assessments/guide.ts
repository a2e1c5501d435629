import type { Api } from '@/api/types'
import type { Key } from '@/i18n'

export type Guide = Api<'Guide'>
export type Question = Api<'Question'>
export type Marking = Api<'Marking'>
export type Kind = Marking['kind']
export type Criterion = Api<'Criterion'>

export const KINDS: Kind[] = ['short_answer', 'explanation', 'numeric', 'single_choice', 'multiple_choice']

/** Marks are exact to a thousandth, so that sums of them are. */
const thousandths = (marks: number) => Math.round(marks * 1000)
export const sum = (marks: number[]) => marks.reduce((total, it) => total + thousandths(it), 0) / 1000

export const totalOf = (questions: Question[]) => sum(questions.map((question) => question.marks || 0))

/** What earns marks in a question, if it has criteria. */
export const criteriaOf = (marking: Marking): Criterion[] | undefined =>
  marking.kind === 'short_answer' || marking.kind === 'explanation' ? marking.criteria : undefined

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

/** A fresh id for a criterion; ids stay what they are when criteria move. */
export function nextId(criteria: Criterion[]): string {
  const taken = new Set(criteria.map((it) => it.id))
  let number = criteria.length + 1
  while (taken.has(`c${number}`)) number += 1
  return `c${number}`
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

function markingSlips({ marking, marks }: Question): Omit<Slip, 'question'>[] {
  const slips: Omit<Slip, 'question'>[] = []
  const criteria = criteriaOf(marking)
  if (criteria) {
    if (criteria.length === 0) slips.push({ key: 'slip.noCriteria' })
    if (criteria.some((it) => !it.description.trim())) slips.push({ key: 'slip.criterionText' })
    if (criteria.some((it) => !(it.marks > 0))) slips.push({ key: 'slip.criterionMarks' })
    const total = sum(criteria.map((it) => it.marks || 0))
    if (thousandths(total) !== thousandths(marks)) slips.push({ key: 'slip.sum', values: { total, marks } })
  } else if (marking.kind === 'numeric') {
    if (!Number.isFinite(marking.value)) slips.push({ key: 'slip.value' })
    if (!(marking.tolerance >= 0)) slips.push({ key: 'slip.tolerance' })
    if ((marking.unit_marks ?? 0) > marks) slips.push({ key: 'slip.unitMarks' })
    if ((marking.unit_marks ?? 0) > 0 && !marking.units?.length) slips.push({ key: 'slip.unit' })
  } else if ('options' in marking) {
    if (marking.options.some((it) => !it.text.trim())) slips.push({ key: 'slip.option' })
    if (marking.correct.length === 0) slips.push({ key: 'slip.correct' })
  }
  return slips
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
export function linesOf({ label, text, marks, marking }: Question): string[] {
  const head = [`${label}. ${text} [${marks}]`]
  const criteria = criteriaOf(marking)
  if (criteria) {
    const phrasings = (it: Criterion) => (it.accepted_phrasings ?? []).map((phrasing) => `    “${phrasing}”`)
    const references = ('reference_answers' in marking && marking.reference_answers) || []
    return [
      ...head,
      ...criteria.flatMap((it) => [`  • ${it.description} [${it.marks}]`, ...phrasings(it)]),
      ...references.map((it) => `  = ${it}`),
    ]
  }
  if (marking.kind === 'numeric') {
    return [...head, `  = ${marking.value} ± ${marking.tolerance} ${(marking.units ?? []).join(' | ')}`.trimEnd()]
  }
  if (!('options' in marking)) return head
  return [
    ...head,
    ...marking.options.map((it) => `  ${marking.correct.includes(it.key) ? '☑' : '☐'} ${it.key} ${it.text}`),
  ]
}
