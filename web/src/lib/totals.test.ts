import { describe, expect, it } from 'vitest'

import { addUp, type Earned } from './totals'

const earned = (...marks: [number, number][]): Earned[] =>
  marks.map(([given, max_marks], i) => ({ criterion: 'abcdef'[i] ?? '', marks: given, max_marks }))

describe('marks of criteria', () => {
  it('are added exactly where no rule says otherwise', () => {
    expect(addUp(undefined, earned([0.1, 1], [0.2, 1]), 3)).toBe(0.3)
  })

  it('of alternatives count once', () => {
    const totals = { groups: [{ rule: 'any_of' as const, criteria: ['a', 'b'] }] }
    expect(addUp(totals, earned([0.5, 1], [1, 1], [1, 1]), 2)).toBe(2)
  })

  it('that count only together count all or not at all', () => {
    const totals = { groups: [{ rule: 'all_of' as const, criteria: ['a', 'b'] }] }
    expect(addUp(totals, earned([1, 1], [0.5, 1], [1, 1]), 3)).toBe(1)
    expect(addUp(totals, earned([1, 1], [1, 1], [0, 1]), 3)).toBe(2)
  })

  it('are capped behind the alternatives, and never fall below the floor', () => {
    const cap = { rule: 'at_most' as const, criteria: ['a', 'b', 'c'], marks: 2 }
    expect(addUp({ groups: [cap] }, earned([1, 1], [1, 1], [1, 1], [1, 1]), 3)).toBe(3)
    const any = { rule: 'any_of' as const, criteria: ['a', 'b'] }
    expect(addUp({ groups: [cap, any] }, earned([1, 1], [1, 1], [1, 1]), 2)).toBe(2)
    expect(addUp({}, earned([1, 1], [-2, 0]), 1)).toBe(0)
    expect(addUp({ minimum: -0.5 }, earned([1, 1], [-2, 0]), 1)).toBe(-0.5)
  })
})
