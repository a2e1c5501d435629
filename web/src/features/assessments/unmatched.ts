import type { Api } from '@/api/types'

/**
 * The scripts of which somebody must say whose they are: no student is sure, and the teacher has given neither name nor
 * number that would do. Those with a proposal come first, the surest on top.
 */
export function unmatched(submissions: Api<'Submission'>[]): Api<'Submission'>[] {
  const best = (it: Api<'Submission'>) => it.student_match?.proposals[0]?.score ?? 0
  return submissions
    .filter(({ student, student_match, student_name, student_number }) => {
      if (student || !student_match) return false
      if (student_match.outcome === 'proposed') return true
      return student_match.outcome === 'none' && !student_name && !student_number
    })
    .toSorted((a, b) => best(b) - best(a))
}
