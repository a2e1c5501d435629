import type { Api } from '@/api/types'
import { addUp } from '@/lib/totals'

type Answer = Api<'AnswerGrade'>

/** What a grader is about to decide: marks that differ from those in force, and a comment. */
export type Draft = { marks: Record<string, number>; comment: string }
export const NOTHING: Draft = { marks: {}, comment: '' }

export const marksIn = (draft: Draft, criterion: Api<'CriterionGrade'>) =>
  draft.marks[criterion.criterion] ?? criterion.marks

/** The marks as they would be, by the question's rules. */
export const totalIn = (draft: Draft, answer: Answer) => {
  const earned = answer.criteria.map((it) => ({ ...it, marks: marksIn(draft, it) }))
  return addUp(answer.totals, earned, answer.max_marks)
}

/** The marks of a criterion that is fulfilled, and of one that isn't: what takes marks off takes them where it is. */
export const fulfilled = ({ max_marks, min_marks = 0 }: Pick<Api<'CriterionGrade'>, 'max_marks' | 'min_marks'>) =>
  max_marks > 0 ? max_marks : min_marks

export const withMarks = (draft: Draft, criterion: string, marks: number): Draft => ({
  ...draft,
  marks: { ...draft.marks, [criterion]: marks },
})

/** Without marks that are those in force. */
export const tidied = (draft: Draft, answer: Answer): Draft => {
  const isOther = ([criterion, marks]: [string, number]) =>
    answer.criteria.find((it) => it.criterion === criterion)?.marks !== marks
  return { ...draft, marks: Object.fromEntries(Object.entries(draft.marks).filter(isOther)) }
}

const HALF = 0.5

/** One step up or down: half a mark, or all of it where the criterion has less. */
export function stepped(marks: number, least: number, most: number, by: 1 | -1): number {
  const step = Math.min(HALF, most - least)
  return Math.min(most, Math.max(least, Math.round((marks + by * step) * 1000) / 1000))
}

/** Whether confirming as it stands would do, or the marks must be overridden. */
export function decisionOf(draft: Draft, answer: Answer) {
  const changed = answer.criteria
    .filter((it) => marksIn(draft, it) !== it.marks)
    .map((it) => ({ criterion: it.criterion, marks: marksIn(draft, it) }))
  const comment = draft.comment.trim()
  if (changed.length === 0 && !comment) return { kind: 'confirm' as const }
  // A comment alone names a criterion with the marks it has.
  const first = answer.criteria[0]
  const criteria = changed.length > 0 || !first ? changed : [{ criterion: first.criterion, marks: first.marks }]
  return { kind: 'override' as const, criteria, comment }
}

/** The last thing that a person has said about the answer. */
export const lastDecision = (answer: Answer) => answer.decided?.decisions.at(-1)
