import { expect, it } from 'vitest'

import type { Api } from '@/api/types'

import { criteriaOfFeedback, statisticsOf } from './statistics-model'

const graded = (marks: number, answers: Record<string, number>) =>
  ({
    outcome: {
      marks,
      max_marks: 10,
      answers: Object.fromEntries(
        Object.entries(answers).map(([label, it]) => [label, { marks: it, max_marks: 5, confidence: 0.8 }]),
      ),
    },
  }) as unknown as Api<'Submission'>

it('says how a class has done', () => {
  const found = statisticsOf(
    [
      graded(2, { '1': 0, '2': 2 }),
      graded(4, { '1': 2, '2': 2 }),
      graded(10, { '1': 5, '2': 5 }),
      {} as Api<'Submission'>,
    ],
    ['1', '2'],
  )
  expect(found).toMatchObject({ count: 3, median: 4, max: 10 })
  expect(found?.mean).toBeCloseTo(16 / 3)
  expect(found?.deviation).toBeCloseTo(3.399, 3)
  expect(found?.bins.map((it) => it.count)).toEqual([0, 0, 1, 0, 1, 0, 0, 0, 0, 1])
  expect(found?.questions[1]).toMatchObject({ label: '2', count: 3, mean: 3, share: 0.6 })
})

it('takes the mean of the two in the middle', () => {
  expect(statisticsOf([graded(2, {}), graded(4, {})], [])?.median).toBe(3)
})

it('is silent about a class that is not graded', () => expect(statisticsOf([], ['1'])).toBeUndefined())

it('counts criteria', () => {
  const criterion = (marks: number) => ({ criterion: 'a', description: 'A', marks, max_marks: 2 })
  const feedback = [2, 1, 0, 2].map((it) => ({
    questions: [{ question: '1', criteria: [criterion(it)] }],
  })) as unknown as Api<'Feedback'>[]
  expect(criteriaOfFeedback(feedback)).toEqual([
    { question: '1', criterion: 'a', description: 'A', full: 2, part: 1, none: 1 },
  ])
})
