import { useState } from 'react'

import type { Api } from '@/api/types'
import { useSubmissions } from '@/features/assessments/api/use-submissions'

import { useReviewPlan } from './api/use-review-plan'
import { useReviews } from './api/use-reviews'
import type { Place } from './api/use-decide'
import { queueOf, type Order } from './order'

type Wanted = { order: Order; question: string | undefined; labels: string[] | undefined }
export type Queue = { places: Place[]; submissions: Map<string, Api<'Submission'>> }

/**
 * The answers to look at. What was queued stays where it is while one works through it, whatever is decided
 * meanwhile; another order makes another queue.
 */
export function useQueue(assessment: string, { order, question, labels }: Wanted) {
  const submissions = useSubmissions(assessment)
  const reviews = useReviews(assessment)
  const plan = useReviewPlan(assessment, { enabled: order === 'plan' })
  const [kept, setKept] = useState<{ key: string; places: Place[] }>()
  const key = `${order} ${question ?? ''}`
  const isOrdered = (order !== 'doubt' || reviews.data) && (order !== 'plan' || plan.data)
  const isReady = labels && submissions.data && submissions.isComplete && isOrdered
  if (isReady && kept?.key !== key) {
    const places = queueOf({
      order,
      question,
      labels,
      submissions: submissions.data ?? [],
      reviews: reviews.data ?? [],
      plan: plan.data?.questions ?? [],
    })
    setKept({ key, places })
  }
  const error = submissions.error ?? reviews.error ?? plan.error
  const data =
    kept?.key === key && submissions.data
      ? { places: kept.places, submissions: new Map(submissions.data.map((it) => [it.id, it])) }
      : undefined
  const isWaiting = [submissions, reviews, plan].some((it) => it.fetchStatus === 'paused')
  return {
    data,
    error,
    isPending: !data && !error,
    fetchStatus: isWaiting ? ('paused' as const) : ('idle' as const),
    refetch: () => Promise.all([submissions.refetch(), reviews.refetch(), plan.refetch()]),
    /** Puts the queue together anew, from what the service says by now; throws what it refuses. */
    renew: async () => {
      const parts = [submissions, ...(order === 'doubt' ? [reviews] : []), ...(order === 'plan' ? [plan] : [])]
      await Promise.all(parts.map((it) => it.refetch({ throwOnError: true })))
      setKept(undefined)
    },
  }
}
