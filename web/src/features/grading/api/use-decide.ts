import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'

import { api, call } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Api } from '@/api/types'
import { useOrgId } from '@/features/organization/context'

import { scriptQuery, type Script } from './script-query'

export type Decision =
  { kind: 'confirm' } | { kind: 'undo' } | { kind: 'override'; criteria: Api<'CriterionMarks'>[]; comment?: string }

export type Place = { submission: string; question: string }

const ATTEMPTS = 4

/**
 * Decides about an answer: confirms, overrides or undoes. The script that is shown is brought up to date with the
 * answer.
 */
export function useDecide(assessment: string) {
  const org = useOrgId()
  const queries = useQueryClient()
  return useCallback(
    async ({ submission, question }: Place, version: number, decision: Decision): Promise<Api<'DecidedAnswer'>> => {
      const params = { path: { org, assessment, submission, question } }
      const base = '/v1/orgs/{org}/assessments/{assessment}/submissions/{submission}/answers/{question}' as const
      const send = () => {
        if (decision.kind === 'confirm') return call(api.POST(`${base}/confirm`, { params, body: { version } }))
        if (decision.kind === 'undo') return call(api.POST(`${base}/undo`, { params, body: { version } }))
        const { criteria, comment } = decision
        return call(
          api.POST(`${base}/override`, { params, body: { version, criteria, ...(comment ? { comment } : {}) } }),
        )
      }
      const decided = await again(send)
      const { queryKey } = scriptQuery(org, assessment, submission)
      queries.setQueryData(queryKey, (script: Script | undefined) => script && withDecision(script, question, decided))
      void queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment], refetchType: 'none' })
      return decided
    },
    [org, assessment, queries],
  )
}

/** Another answer of the same script may be decided at the same moment: that is no conflict, and worth another try. */
async function again<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send()
    } catch (error) {
      const isPassing = error instanceof Problem && (error.code === 'submission_changed' || error.status >= 500)
      if (!isPassing || attempt >= ATTEMPTS) throw error
      await new Promise((done) => setTimeout(done, 150 * attempt))
    }
  }
}

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
