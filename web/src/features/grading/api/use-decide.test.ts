import { expect, it } from 'vitest'

import type { Script } from './script-query'
import { alreadyMade, asMeant, type Decision } from './use-decide'

/** A script whose answer the machine gives these marks by now, about which so often somebody has decided. */
const script = (marks: [number, number], decisions = 0, guide = 1) =>
  ({
    feedback: {
      guide_version: guide,
      questions: [
        {
          question: '1',
          marks: marks[0] + marks[1],
          criteria: [
            { criterion: 'a', marks: marks[0] },
            { criterion: 'b', marks: marks[1] },
          ],
          decided: decisions ? { decisions: Array.from({ length: decisions }, () => ({})) } : null,
        },
      ],
    },
  }) as unknown as Script
const criteria = [
  { criterion: 'a', marks: 1 },
  { criterion: 'b', marks: 0 },
]
const seen = { decisions: 0, marks: 1, criteria, guide: 1 }
const confirm = { kind: 'confirm' } as const
const override: Decision = { kind: 'override', criteria: [{ criterion: 'a', marks: 1 }], comment: 'Well said.' }

it('confirms again what only the machine has touched, and gives the marks that were seen if it has changed them', () => {
  expect(asMeant(script([1, 0]), '1', confirm, seen)).toEqual(confirm)
  expect(asMeant(script([0, 1]), '1', confirm, seen)).toEqual({ kind: 'override', criteria })
})

it('keeps the marks of the criteria that were left as they were', () => {
  expect(asMeant(script([0, 1]), '1', override, seen)).toEqual({ kind: 'override', criteria, comment: 'Well said.' })
})

it('decides nothing when somebody else has, by another guide, or without knowing the marks', () => {
  expect(asMeant(script([1, 0], 1), '1', confirm, seen)).toBeUndefined()
  expect(asMeant(script([1, 0], 0, 2), '1', confirm, seen)).toBeUndefined()
  expect(asMeant(script([0, 1]), '1', { kind: 'undo' }, seen)).toBeUndefined()
  expect(asMeant(script([1, 1]), '1', confirm, { decisions: 0, marks: 1 })).toBeUndefined()
  expect(asMeant(script([0, 1]), '1', confirm, { decisions: 0, marks: 1 })).toEqual(confirm)
})

it('does not take what was decided about other words for what was meant', () => {
  const fresh = script([1, 0])
  Object.assign(fresh.feedback.questions[0] ?? {}, { answer: 'The nucleus.' })
  expect(asMeant(fresh, '1', confirm, { ...seen, text: 'The nucleus.' })).toEqual(confirm)
  expect(asMeant(fresh, '1', confirm, { ...seen, text: 'The cell wall.' })).toBeUndefined()
})

it("knows a decision that has arrived although its answer was lost, and nobody else's", () => {
  const outcome = { marks: 1, max_marks: 2, answers: { '1': { version: 7 } } }
  const submitted = (it: Script) => Object.assign(it, { submission: { state: 'graded', outcome } })
  const fresh = submitted(script([1, 0], 1))
  const [last] = fresh.feedback.questions[0]?.decided?.decisions ?? []
  Object.assign(last ?? {}, { by: 'usr_1', comment: 'Well said.' })
  expect(alreadyMade(fresh, '1', override, seen, 'usr_1')?.version).toBe(7)
  expect(alreadyMade(fresh, '1', override, seen, 'usr_2')).toBeUndefined()
  expect(alreadyMade(fresh, '1', confirm, seen, 'usr_1')).toBeUndefined()
  expect(alreadyMade(submitted(script([1, 0])), '1', override, seen, 'usr_1')).toBeUndefined()
})
