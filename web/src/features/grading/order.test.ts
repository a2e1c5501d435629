import { describe, expect, it } from 'vitest'

import type { Api } from '@/api/types'

import { nextOpen, queueOf, restAt, shuffled, type Order } from './order'

const submission = (id: string, labels: string[] | null) =>
  ({
    id,
    outcome: labels && { answers: Object.fromEntries(labels.map((label) => [label, {}])) },
  }) as unknown as Api<'Submission'>
const doubt = (submission: string, question: string | null, confidence: number) =>
  ({ submission, question, confidence }) as Api<'Doubt'>

const submissions = [submission('a', ['1', '2']), submission('b', ['1', '2']), submission('c', null)]
const reviews = [doubt('b', null, 0), doubt('b', '2', 0.3), doubt('a', '1', 0.6)]
const planned = (question: string, to_see: number, ...first: string[]) =>
  ({ question, to_see, first: first.map((submission) => ({ submission })) }) as Api<'QuestionPlan'>
const plan = [planned('1', 1, 'b', 'a'), planned('2', 2, 'a', 'b')]
const labels = ['1', '2']
const shape = (order: Order, question?: string) =>
  queueOf({ order, question, submissions, reviews, plan, labels }).map((it) => `${it.submission}${it.question}`)

describe('the order', () => {
  it('of doubt is the service’s', () => expect(shape('doubt')).toEqual(['b2', 'a1']))
  it('of the plan is the service’s, as far as a person must see', () => {
    expect(shape('plan')).toEqual(['b1', 'a2', 'b2'])
    expect(shape('plan', '1')).toEqual(['b1'])
  })
  it('by student goes script by script', () => expect(shape('student')).toEqual(['a1', 'a2', 'b1', 'b2']))
  it('by question goes through all scripts that are graded', () => {
    expect(shape('question', '2').toSorted()).toEqual(['a2', 'b2'])
  })

  it('is another one for each question, and always the same', () => {
    const many = Array.from({ length: 50 }, (_, i) => ({ id: `sub_${i}` }))
    const [one, two] = [shuffled(many, '1'), shuffled(many, '2')]
    expect(one).not.toEqual(many)
    expect(one).not.toEqual(two)
    expect(one).toEqual(shuffled(many.toReversed(), '1'))
  })
})

it('goes on to what is left behind, then to what nobody has decided about before', () => {
  const places = ['a', 'b', 'c', 'd'].map((submission) => ({ submission, question: '1' }))
  const among = (ids: string) => (place: { submission: string }) => ids.includes(place.submission)
  expect(nextOpen(places, 1, among('b'), among('c'))).toBe(2)
  expect(nextOpen(places, 1, among('bc'), among(''))).toBe(3)
  expect(nextOpen(places, 3, among('d'), among('a'))).toBe(1)
  expect(nextOpen(places, 3, among('bd'), among('ac'))).toBeUndefined()
})

it('counts the rest at a confidence, and how many of it would be marked otherwise', () => {
  const { rest, disagreement } = restAt(
    [doubt('a', '1', 0.9), doubt('a', '2', 0.8), doubt('b', '1', 0.4), doubt('b', null, 0)],
    0.8,
  )
  expect(rest).toHaveLength(2)
  expect(disagreement).toBeCloseTo(0.3)
})
