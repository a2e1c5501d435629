import { expect, it } from 'vitest'

import type { Api } from '@/api/types'

import { unmatched } from './unmatched'

type Match = Api<'StudentMatch'>

const script = (id: string, match: Match | null, more: Partial<Api<'Submission'>> = {}) =>
  ({ id, student_match: match, ...more }) as Api<'Submission'>
const match = (outcome: Match['outcome'], ...scores: number[]): Match => ({
  outcome,
  proposals: scores.map((score, i) => ({ student: `stu_${i}`, score })),
})
const ids = (submissions: Api<'Submission'>[]) => unmatched(submissions).map((it) => it.id)

it('holds what is nobody’s yet, the surest proposal first', () => {
  const scripts = [
    script('nobody', match('none')),
    script('perhaps', match('proposed', 0.4, 0.3)),
    script('probably', match('proposed', 0.8)),
  ]
  expect(ids(scripts)).toEqual(['probably', 'perhaps', 'nobody'])
})

it('holds nothing that is decided, sure, or not read yet', () => {
  const scripts = [
    script('reading', null),
    script('sure', match('sure', 1), { student: 'stu_0' }),
    script('decided', match('decided'), { student: 'stu_0' }),
    script('decided to be nobody’s', match('decided', 0.5)),
  ]
  expect(ids(scripts)).toEqual([])
})

it('leaves alone what the teacher has named, unless the roster knows somebody like it', () => {
  const named = { student_name: 'Ada' }
  expect(ids([script('named', match('none'), named), script('like Ada', match('proposed', 0.7), named)])).toEqual([
    'like Ada',
  ])
})
