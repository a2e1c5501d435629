import type { Api } from '@/api/types'

import type { Script } from './api/script-query'

const MOST = 6

/** The comments that were given to answers to a question, those used most often first. */
export function commentsOn(scripts: Script[], assessment: string, question: string): string[] {
  const times = new Map<string, number>()
  for (const { submission, feedback } of scripts) {
    if (submission.assessment !== assessment) continue
    const answer = feedback.questions.find((it) => it.question === question)
    for (const { comment } of answer?.decided?.decisions ?? []) {
      if (comment) times.set(comment, (times.get(comment) ?? 0) + 1)
    }
  }
  return [...times]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MOST)
    .map(([comment]) => comment)
}

/** A comment with another one added to it. */
export const withComment = (comment: string, more: string) =>
  comment.includes(more) ? comment : [comment.trim(), more].filter(Boolean).join('\n')

/** What can be taken with one key: what is kept, the newest first, then what else there is, each text once. */
export function offered(kept: Api<'KeptComment'>[], more: string[]): { text: string; kept?: Api<'KeptComment'> }[] {
  const texts = new Set(kept.map((it) => it.text))
  return [
    ...kept.toReversed().map((it) => ({ text: it.text, kept: it })),
    ...[...new Set(more)].filter((text) => !texts.has(text)).map((text) => ({ text })),
  ]
}
