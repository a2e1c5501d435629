import { expect, it } from 'vitest'

import type { Api } from '@/api/types'

import type { Script } from './api/script-query'
import { commentsOn, offered, withComment } from './comments'

const script = (assessment: string, question: string, ...comments: (string | undefined)[]) =>
  ({
    submission: { assessment },
    feedback: { questions: [{ question, decided: { decisions: comments.map((comment) => ({ comment })) } }] },
  }) as unknown as Script

it('offers what was said about answers to the same question, most often first', () => {
  const scripts = [
    script('asm_1', '1', 'Show your working.'),
    script('asm_1', '1', 'Name the unit.', undefined),
    script('asm_1', '1', 'Name the unit.'),
    script('asm_1', '2', 'Another question.'),
    script('asm_2', '1', 'Another exam.'),
  ]
  expect(commentsOn(scripts, 'asm_1', '1')).toEqual(['Name the unit.', 'Show your working.'])
})

it('adds a comment once', () => {
  expect(withComment('', 'Good.')).toBe('Good.')
  expect(withComment('Well.', 'Good.')).toBe('Well.\nGood.')
  expect(withComment('Well.\nGood.', 'Good.')).toBe('Well.\nGood.')
})

it('offers what is kept first, the newest on top, and nothing twice', () => {
  const kept = ['Old.', 'New.'].map((text) => ({ id: text, text }) as Api<'KeptComment'>)
  expect(offered(kept, ['Used.', 'Old.', 'Used.']).map((it) => [it.text, it.kept !== undefined])).toEqual([
    ['New.', true],
    ['Old.', true],
    ['Used.', false],
  ])
})
