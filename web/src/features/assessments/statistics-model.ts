import type { Api } from '@/api/types'

type Submission = Api<'Submission'>

export type QuestionRow = { label: string; count: number; mean: number; max: number; share: number; sure: number }
export type Statistics = {
  count: number
  mean: number
  median: number
  deviation: number
  max: number
  bins: { from: number; to: number; count: number }[]
  questions: QuestionRow[]
}

const BINS = 10
const meanOf = (values: number[]) => (values.length ? values.reduce((sum, it) => sum + it, 0) / values.length : 0)

/** What came out of an assessment; nothing as long as nothing is graded. */
export function statisticsOf(submissions: Submission[], labels: string[]): Statistics | undefined {
  const outcomes = submissions.flatMap((it) => (it.outcome ? [it.outcome] : []))
  if (outcomes.length === 0) return undefined
  const marks = outcomes.map((it) => it.marks).toSorted((a, b) => a - b)
  const max = Math.max(...outcomes.map((it) => it.max_marks))
  const mean = meanOf(marks)
  const middle = marks.length / 2
  const median = meanOf(marks.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1))
  // The standard deviation of the whole class, not of a sample of it.
  const deviation = Math.sqrt(meanOf(marks.map((it) => (it - mean) ** 2)))
  const bins = Array.from({ length: BINS }, (_, i) => ({
    from: (max * i) / BINS,
    to: (max * (i + 1)) / BINS,
    count: 0,
  }))
  for (const it of marks) {
    const bin = bins[Math.min(Math.floor((it / (max || 1)) * BINS), BINS - 1)]
    if (bin) bin.count += 1
  }
  const questions = labels.map((label) => {
    const answers = outcomes.flatMap((it) => it.answers[label] ?? [])
    const most = Math.max(0, ...answers.map((it) => it.max_marks))
    const average = meanOf(answers.map((it) => it.marks))
    return {
      label,
      count: answers.length,
      mean: average,
      max: most,
      share: most ? average / most : 0,
      sure: meanOf(answers.map((it) => it.confidence)),
    }
  })
  return { count: outcomes.length, mean, median, deviation, max, bins, questions }
}

export type CriterionRow = {
  question: string
  criterion: string
  description: string
  full: number
  part: number
  none: number
}

/** How often each criterion was met, partly met, and not met. */
export function criteriaOfFeedback(feedback: Api<'Feedback'>[]): CriterionRow[] {
  const rows = new Map<string, CriterionRow>()
  for (const { question, criteria } of feedback.flatMap((it) => it.questions)) {
    for (const { criterion, description, marks, max_marks } of criteria) {
      const key = `${question} ${criterion}`
      const row = rows.get(key) ?? { question, criterion, description, full: 0, part: 0, none: 0 }
      if (max_marks > 0 && marks >= max_marks) row.full += 1
      else if (marks > 0) row.part += 1
      else row.none += 1
      rows.set(key, row)
    }
  }
  return [...rows.values()]
}
