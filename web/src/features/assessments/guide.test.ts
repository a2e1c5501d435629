import { describe, expect, it } from 'vitest'

import { diffOf, linesOf, markingOf, nextId, nextLabel, slipsOf, sum, totalOf, type Question } from './guide'

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
  })
})

it('numbers the next question as a teacher would', () => {
  expect([nextLabel([]), nextLabel(['1', '2']), nextLabel(['3a']), nextLabel(['12'])]).toEqual(['1', '3', '3b', '13'])
})

it('keeps the criteria when a short answer becomes an explanation, and never gives an id twice', () => {
  const { marking } = question('1', 1, [0.5, 0.5])
  expect(markingOf('explanation', marking, 1)).toEqual({ ...marking, kind: 'explanation' })
  expect(nextId([{ id: 'c2', description: '', marks: 1 }])).toBe('c3')
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
