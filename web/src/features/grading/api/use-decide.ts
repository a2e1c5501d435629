import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'

import { api, call } from '@/api/client'
import { codeOf, Problem } from '@/api/problem'
import type { Api } from '@/api/types'
import { useUserId } from '@/features/auth/context'
import { useOrgId } from '@/features/organization/context'

import { scriptQuery, type Script } from './script-query'

export type Decision =
  { kind: 'confirm' } | { kind: 'undo' } | { kind: 'override'; criteria: Api<'CriterionMarks'>[]; comment?: string }

export type Place = { submission: string; question: string }

/** What a person has looked at before deciding. */
export type Seen = {
  /** How often somebody had decided about the answer. */
  decisions: number
  marks: number
  /** What each criterion shall have, where that was looked at, and by which version of the guide. */
  criteria?: Api<'CriterionMarks'>[]
  guide?: number
  /** What the answer says. */
  text?: string
}

const ATTEMPTS = 4

/**
 * Decides about an answer: confirms, overrides or undoes. The script that is shown is brought up to date with the
 * answer. If it was only the machine that has changed the answer since it was looked at, the decision stands as it was
 * meant.
 */
export function useDecide(assessment: string) {
  const org = useOrgId()
  const user = useUserId()
  const queries = useQueryClient()
  return useCallback(
    async (place: Place, version: number, decision: Decision, seen?: Seen): Promise<Api<'DecidedAnswer'>> => {
      const { submission, question } = place
      const params = { path: { org, assessment, submission, question } }
      const base = '/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/answers/{question}' as const
      const send = (version: number, decision: Decision) => {
        // What is decided arrives, even if the page is closed at once.
        const common = { params, keepalive: true }
        if (decision.kind === 'confirm') return call(api.POST(`${base}/confirm`, { ...common, body: { version } }))
        if (decision.kind === 'undo') return call(api.POST(`${base}/undo`, { ...common, body: { version } }))
        const { criteria, comment } = decision
        return call(
          api.POST(`${base}/override`, { ...common, body: { version, criteria, ...(comment ? { comment } : {}) } }),
        )
      }
      const { queryKey, ...query } = scriptQuery(org, assessment, submission)
      const decided = await again(() => send(version, decision)).catch(async (error: unknown) => {
        if (!seen || codeOf(error) !== 'answer_changed') throw error
        const fresh = await queries.fetchQuery({ ...query, queryKey: [...queryKey, 'theirs'], staleTime: 0 })
        const arrived = alreadyMade(fresh, question, decision, seen, user)
        if (arrived) return arrived
        const meant = asMeant(fresh, question, decision, seen)
        const standing = fresh.submission.outcome?.answers[question]
        if (!meant || !standing) throw error
        return again(() => send(standing.version, meant))
      })
      queries.setQueryData(queryKey, (script: Script | undefined) => script && withDecision(script, question, decided))
      void queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment], refetchType: 'none' })
      return decided
    },
    [org, user, assessment, queries],
  )
}

/**
 * The decision again, about an answer that has changed since it was looked at: with the marks that the person has seen
 * or given. Nothing if somebody else has decided meanwhile, or if it can't be told what the marks would be.
 */
export function asMeant(fresh: Script, question: string, decision: Decision, seen: Seen): Decision | undefined {
  const answer = fresh.feedback.questions.find((it) => it.question === question)
  if (!answer || (answer.decided?.decisions.length ?? 0) !== seen.decisions) return undefined
  if (seen.guide !== undefined && fresh.feedback.guide_version !== seen.guide) return undefined
  if (seen.text !== undefined && answer.answer !== seen.text) return undefined
  const { criteria } = seen
  const isSame = criteria
    ? answer.criteria.every((it) => criteria.find(({ criterion }) => criterion === it.criterion)?.marks === it.marks)
    : answer.marks === seen.marks
  if (decision.kind === 'confirm' && isSame) return decision
  if (!criteria || decision.kind === 'undo') return undefined
  return { kind: 'override', criteria, ...(decision.kind === 'override' ? { comment: decision.comment } : {}) }
}

/** The decision, if it has been made and only the service's answer was lost on the way. */
export function alreadyMade(
  fresh: Script,
  question: string,
  decision: Decision,
  seen: Seen,
  user: string,
): Api<'DecidedAnswer'> | undefined {
  const answer = fresh.feedback.questions.find((it) => it.question === question)
  const { outcome, state } = fresh.submission
  const standing = outcome?.answers[question]
  const last = answer?.decided?.decisions[seen.decisions]
  if (!answer || !standing || !outcome || !last || decision.kind === 'undo') return undefined
  const isLast = answer.decided?.decisions.length === seen.decisions + 1
  const comment = decision.kind === 'override' ? (decision.comment ?? '') : ''
  const isSame = answer.criteria.every(
    (it) => it.marks === seen.criteria?.find(({ criterion }) => criterion === it.criterion)?.marks,
  )
  if (!isLast || last.by !== user || (last.comment ?? '') !== comment || !isSame) return undefined
  return { answer, version: standing.version, marks: outcome.marks, max_marks: outcome.max_marks, state }
}

/**
 * Another answer of the same script may be decided at the same moment, the service may be busy, the network gone for a
 * moment: that is no conflict, and worth another try.
 */
async function again<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send()
    } catch (error) {
      if (!isPassing(error) || attempt >= ATTEMPTS) throw error
      // Calls that were too many come back within a second or two; see the plans.
      const pause = error instanceof Problem && error.status === 429 ? 1000 : 150
      await new Promise((done) => setTimeout(done, pause * attempt))
    }
  }
}

/** Whether the next try may go well. */
export const isPassing = (error: unknown) =>
  codeOf(error) === 'offline' ||
  (error instanceof Problem && (error.code === 'submission_changed' || error.status === 429 || error.status >= 500))

/** The script with a decision in it. */
export function withDecision(script: Script, question: string, decided: Api<'DecidedAnswer'>): Script {
  const { answer, version, marks, max_marks, state } = decided
  const questions = script.feedback.questions.map((it) => (it.question === question ? answer : it))
  const { outcome } = script.submission
  const before = outcome?.answers[question]
  const standing = before && {
    ...before,
    version,
    marks: answer.marks,
    confidence: answer.confidence,
    review_reason: answer.review_reason,
  }
  return {
    ...script,
    feedback: { ...script.feedback, questions, marks },
    submission: {
      ...script.submission,
      state,
      outcome: outcome && {
        ...outcome,
        marks,
        max_marks,
        answers: standing ? { ...outcome.answers, [question]: standing } : outcome.answers,
      },
    },
  }
}
