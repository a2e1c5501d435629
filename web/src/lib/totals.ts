import type { Api } from '@/api/types'

type Totals = Api<'Totals'>
export type Earned = { criterion: string; marks: number; max_marks: number }

/** Marks are exact to a thousandth, so that sums of them are. */
export const thousandths = (marks: number) => Math.round(marks * 1000)
export const sum = (marks: number[]) => marks.reduce((total, it) => total + thousandths(it), 0) / 1000

/**
 * How the marks of criteria add up to those of an answer, as the service adds them (`Totals` in shared/domain): of
 * alternatives the best, of what counts only together all or nothing, then the caps, the maximum and the floor.
 */
export function addUp(totals: Totals | undefined | null, earned: Earned[], maximum: number): number {
  const counted = new Map(earned.map((it) => [it.criterion, thousandths(it.marks)]))
  const groups = totals?.groups ?? []
  for (const group of groups) {
    const members = earned.filter((it) => group.criteria.includes(it.criterion))
    if (group.rule === 'at_most') continue
    if (group.rule === 'all_of' && members.every((it) => thousandths(it.marks) === thousandths(it.max_marks))) continue
    const kept =
      group.rule === 'any_of'
        ? members.reduce<Earned | undefined>((best, it) => (best && best.marks >= it.marks ? best : it), undefined)
        : undefined
    for (const it of members) if (it.criterion !== kept?.criterion) counted.set(it.criterion, 0)
  }
  let total = [...counted.values()].reduce((all, it) => all + it, 0)
  for (const group of groups.filter((it) => it.rule === 'at_most')) {
    const together = group.criteria.reduce((all, id) => all + (counted.get(id) ?? 0), 0)
    total -= Math.max(0, together - thousandths(group.marks ?? together / 1000))
  }
  const floor = Math.min(0, thousandths(totals?.minimum ?? 0))
  return Math.max(floor, Math.min(thousandths(maximum), total)) / 1000
}
