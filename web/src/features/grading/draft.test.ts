import { describe, expect, it } from 'vitest'

import type { Api } from '@/api/types'

import { decisionOf, fulfilled, NOTHING, stepped, totalIn, withMarks } from './draft'

const criterion = (id: string, marks: number, max_marks: number): Api<'CriterionGrade'> => ({
  criterion: id,
  description: '',
  marks,
  max_marks,
  confidence: 1,
  reason: '',
})
const answer = {
  question: '1',
  answer: 'x',
  marks: 1,
  max_marks: 3,
  confidence: 0.5,
  criteria: [criterion('a', 1, 1), criterion('b', 0, 2)],
} as Api<'AnswerGrade'>

describe('a decision', () => {
  it('confirms what was not touched', () => {
    expect(decisionOf(NOTHING, answer)).toEqual({ kind: 'confirm' })
    expect(decisionOf(withMarks(NOTHING, 'a', 1), answer)).toEqual({ kind: 'confirm' })
  })

  it('overrides only what differs', () => {
    const draft = withMarks(NOTHING, 'b', 1.5)
    expect(decisionOf(draft, answer)).toEqual({
      kind: 'override',
      criteria: [{ criterion: 'b', marks: 1.5 }],
      comment: '',
    })
    expect(totalIn(draft, answer)).toBe(2.5)
  })

  it('of a comment alone leaves the marks as they are', () => {
    expect(decisionOf({ marks: {}, comment: ' Well said. ' }, answer)).toEqual({
      kind: 'override',
      criteria: [{ criterion: 'a', marks: 1 }],
      comment: 'Well said.',
    })
  })
})

it('adds up by the question’s rules', () => {
  const capped = {
    ...answer,
    max_marks: 2,
    totals: { groups: [{ rule: 'at_most' as const, criteria: ['a', 'b'], marks: 2 }] },
  }
  expect(totalIn(withMarks(NOTHING, 'b', 2), capped)).toBe(2)
  expect([fulfilled({ max_marks: 2 }), fulfilled({ max_marks: 0, min_marks: -1 })]).toEqual([2, -1])
})

it('steps by half a mark, within what the criterion has', () => {
  expect(stepped(0, 0, 2, 1)).toBe(0.5)
  expect(stepped(2, 0, 2, 1)).toBe(2)
  expect(stepped(0.5, 0, 2, -1)).toBe(0)
  expect(stepped(0, 0, 2, -1)).toBe(0)
  expect(stepped(0, 0, 0.25, 1)).toBe(0.25)
  expect(stepped(0, -1, 0, -1)).toBe(-0.5)
})
