import type { Api } from '@/api/types'

import type { Place } from './api/use-decide'

export type Order = 'doubt' | 'plan' | 'student' | 'question'

export const keyOf = ({ submission, question }: Place) => `${submission}:${question}`

/** A number from a text: the same text, the same number, on every machine (FNV-1a). */
function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (const unit of text) hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash
}

/**
 * An order that tells nothing about whose answer it is, another one for each question: so no script is always the one
 * that a tired grader sees last. The same for everybody and after a reload.
 */
export function shuffled<T extends { id: string }>(items: T[], seed: string): T[] {
  return items.toSorted((a, b) => seedOf(`${seed} ${a.id}`) - seedOf(`${seed} ${b.id}`))
}

type Input = {
  order: Order
  question: string | undefined
  submissions: Api<'Submission'>[]
  reviews: Api<'Doubt'>[]
  plan: Api<'QuestionPlan'>[]
  /** Labels in the guide's order. */
  labels: string[]
}

/** The answers in the order in which they are looked at. */
export function queueOf({ order, question, submissions, reviews, plan, labels }: Input): Place[] {
  const graded = submissions.filter((it) => it.outcome)
  const has = (it: Api<'Submission'>, label: string) => it.outcome?.answers[label] !== undefined
  if (order === 'doubt') {
    return reviews.flatMap((it) =>
      it.question && (!question || it.question === question)
        ? [{ submission: it.submission, question: it.question }]
        : [],
    )
  }
  if (order === 'plan') {
    return plan
      .filter((it) => !question || it.question === question)
      .flatMap((it) => it.first.slice(0, it.to_see).map(({ submission }) => ({ submission, question: it.question })))
  }
  if (order === 'student') {
    return graded.flatMap((it) =>
      labels.filter((label) => has(it, label)).map((label) => ({ submission: it.id, question: label })),
    )
  }
  const wanted = question ? [question] : labels
  return wanted.flatMap((label) =>
    shuffled(
      graded.filter((it) => has(it, label)),
      label,
    ).map((it) => ({ submission: it.id, question: label })),
  )
}

/**
 * Where to go on: to the next answer that was not decided on this page, whoever has decided about it before, as one
 * goes through them in order; behind the last one, back to the first that nobody has decided about. Nowhere if there
 * is none.
 */
export function nextOpen(
  places: Place[],
  index: number,
  isDone: (place: Place) => boolean,
  isDecided: (place: Place) => boolean,
): number | undefined {
  const behind = places.findIndex((it, i) => i > index && !isDone(it))
  if (behind !== -1) return behind
  const before = places.findIndex((it, i) => i < index && !isDone(it) && !isDecided(it))
  return before === -1 ? undefined : before
}

/** What waits, above a confidence, and in how many of them a teacher would probably give other marks. */
export function restAt(reviews: Api<'Doubt'>[], confidence: number) {
  const rest = reviews.filter((it) => it.question && it.confidence >= confidence)
  return { rest, disagreement: rest.reduce((sum, it) => sum + 1 - it.confidence, 0) }
}
