import { expect, it } from 'vitest'

import { graceEndsAt, isReadOnly, planWith } from './context'

it('lets everything work for the days of grace, to the millisecond', () => {
  const since = '2026-11-01T09:00:00Z'
  const end = new Date(graceEndsAt(since)).getTime()
  expect(end - new Date(since).getTime()).toBe(14 * 86_400_000)
  expect([isReadOnly(since, end - 1), isReadOnly(since, end)]).toEqual([false, true])
})

it('names the smallest plan that has a feature', () => {
  expect([planWith('answer_groups'), planWith('api_keys'), planWith('time_travel')]).toEqual([
    'teacher',
    'school',
    undefined,
  ])
})
