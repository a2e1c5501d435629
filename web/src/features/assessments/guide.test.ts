import { describe, expect, it } from 'vitest'

import { sum } from '@/lib/totals'

import { bestOfSlips, diffOf, linesOf, markingOf, nextId, nextLabel, slipsOf, totalOf, type Question } from './guide'

const question = (label: string, marks: number, criteria: number[]): Question => ({
  label,
  text: 'Why?',
  marks,
  marking: {
    kind: 'short_answer',
    criteria: criteria.map((marks, i) => ({ id: `c${i + 1}`, description: 'Says why.', marks })),
    reference_answers: [],
  },
})

describe('totals', () => {
  it('are exact where floating point is not', () => {
    expect(sum([0.1, 0.2])).toBe(0.3)
    expect(totalOf([question('1', 0.7, [0.7]), question('2', 0.1, [0.1])])).toBe(0.8)
  })

  it('of criteria must be the question’s marks', () => {
    expect(slipsOf([question('1', 2, [1, 0.5])])).toEqual([
      { question: 0, key: 'slip.sum', values: { total: 1.5, marks: 2 } },
    ])
    expect(slipsOf([question('1', 0.3, [0.1, 0.2])])).toEqual([])
  })
})

describe('slips', () => {
  it('are found in labels, texts and marks', () => {
    const wrong = { ...question('1', 0, [0]), text: ' ' }
    const keys = slipsOf([question('1', 1, [1]), { ...wrong, label: '1' }, { ...wrong, label: '2 b' }]).map(
      (it) => it.key,
    )
    expect(keys).toContain('slip.labelTwice')
    expect(keys).toContain('slip.label')
    expect(keys).toContain('slip.text')
    expect(keys).toContain('slip.marks')
    expect(keys).toContain('slip.criterionMarks')
  })

  it('are found in numbers and choices', () => {
    const numeric: Question = {
      ...question('1', 1, []),
      marking: { kind: 'numeric', value: Number.NaN, tolerance: -1, units: [], unit_marks: 2 },
    }
    expect(slipsOf([numeric]).map((it) => it.key)).toEqual([
      'slip.value',
      'slip.tolerance',
      'slip.unitMarks',
      'slip.unit',
    ])
    const choice: Question = { ...question('1', 1, []), marking: markingOf('single_choice', undefined, 1) }
    expect(slipsOf([choice]).map((it) => it.key)).toEqual(['slip.option', 'slip.correct'])
    const options = ['A', 'B'].map((key) => ({ key, text: key }))
    const costly: Question = {
      ...question('1', 1, []),
      marking: { kind: 'single_choice', options, correct: ['A'], wrong_option_costs: 0.5 },
    }
    expect(slipsOf([costly]).map((it) => it.key)).toEqual(['slip.floor'])
    expect(slipsOf([{ ...costly, minimum: -0.5 }])).toEqual([])
  })
})

describe('rubrics that do not simply add up', () => {
  const of = (marking: Question['marking'], marks = 2): Question => ({ ...question('1', marks, []), marking })
  const keys = (it: Question) => slipsOf([it]).map((slip) => slip.key)
  const criteria = ['a', 'b', 'c'].map((id) => ({ id, description: 'Says it.', marks: 1 }))

  it('count alternatives once and caps at most', () => {
    expect(keys(of({ kind: 'explanation', criteria }))).toEqual(['slip.sum'])
    const any = { rule: 'any_of' as const, criteria: ['b', 'c'] }
    expect(keys(of({ kind: 'explanation', criteria, groups: [any] }))).toEqual([])
    const cap = { rule: 'at_most' as const, criteria: ['a', 'b', 'c'], marks: 2 }
    expect(keys(of({ kind: 'explanation', criteria, groups: [cap] }))).toEqual([])
    expect(keys(of({ kind: 'explanation', criteria, groups: [any, { ...cap, marks: undefined }] }))).toContain(
      'slip.groups',
    )
    const off = { id: 'd', description: 'Says the opposite.', marks: -1 }
    expect(keys(of({ kind: 'explanation', criteria: [...criteria, off] }, 3))).toEqual([])
  })

  it('name what is missing in levels, steps and verdicts', () => {
    const level = (marks: number) => ({ name: 'x', description: '', marks })
    const levelled = (marks: number[]) =>
      of({ kind: 'explanation', criteria: [{ id: 'a', description: 'A', marks: 2, levels: marks.map(level) }] })
    expect(keys(levelled([0, 2]))).toEqual([])
    expect(keys(levelled([0, 1]))).toEqual(['slip.levels'])
    const step = { id: 'force', description: 'F', marks: 2, result: { value: 1, tolerance: 0 } }
    expect(keys(of({ kind: 'steps', steps: [step] }))).toEqual([])
    expect(keys(of({ kind: 'steps', steps: [{ ...step, id: '1st' }] }))).toEqual(['slip.stepId'])
    expect(keys(of(markingOf('true_false', undefined, 2)))).toEqual([])
    expect(keys(of({ kind: 'true_false', is_true: true, verdict_marks: 1 }))).toEqual(['slip.sum'])
  })

  it('let as many questions count as they say', () => {
    const all = [question('1', 2, [2]), question('2', 2, [2]), question('3', 3, [3])]
    expect(totalOf(all, [{ count: 1, questions: ['1', '2'] }])).toBe(5)
    expect(bestOfSlips([{ count: 1, questions: ['1', '2'] }], all)).toEqual([])
    expect(bestOfSlips([{ count: 2, questions: ['1', '2'] }], all)).toEqual(['slip.bestOfCount'])
    expect(bestOfSlips([{ count: 1, questions: ['1', '3'] }], all)).toEqual(['slip.bestOfMarks'])
  })
})

it('numbers the next question as a teacher would', () => {
  expect([nextLabel([]), nextLabel(['1', '2']), nextLabel(['3a']), nextLabel(['12'])]).toEqual(['1', '3', '3b', '13'])
})

it('keeps the criteria when a short answer becomes an explanation, and never gives an id twice', () => {
  const { marking } = question('1', 1, [0.5, 0.5])
  expect(markingOf('explanation', marking, 1)).toEqual({ ...marking, kind: 'explanation' })
  expect(nextId([{ id: 'c2' }])).toBe('c3')
})

describe('the difference of two versions', () => {
  it('names what was added, removed and changed, and nothing else', () => {
    const before = [question('1', 1, [1]), question('2', 1, [1]), question('3', 1, [1])]
    const after = [question('1', 1, [1]), question('2', 2, [2]), question('4', 1, [1])]
    expect(diffOf(before, after).map(({ label, kind }) => `${kind} ${label}`)).toEqual([
      'removed 3',
      'changed 2',
      'added 4',
    ])
  })

  it('does not see what means the same', () => {
    const before = question('1', 1, [1])
    const after = { ...before, marking: { ...before.marking, reference_answers: undefined } } as Question
    expect(diffOf([before], [after])).toEqual([])
  })

  it('shows a question in lines', () => {
    expect(linesOf(question('1', 1, [1]))).toEqual(['1. Why? [1]', '  • Says why. [1]'])
  })
})
