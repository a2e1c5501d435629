import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'

import { codeOf } from '@/api/problem'
import { useSay } from '@/components/toast'
import { useUserId } from '@/features/auth/context'
import { useOrgId } from '@/features/organization/context'
import { useI18n } from '@/i18n'
import { inTurn } from '@/lib/in-turn'

import { scriptQuery } from './api/script-query'
import { isPassing, useDecide, type Decision, type Place, type Seen } from './api/use-decide'
import type { Draft } from './draft'
import { keyOf } from './order'
import { useDrafts } from './use-draft'

export type Decided = { place: Place; version: number }
/** What is decided about an answer, and from which draft; the same about others that are written the same. */
export type Wanted = Decided & { decision: Decision; seen: Seen; draft: Draft; others: Decided[] }
export type State = 'sending' | 'done'

/** What was decided with one key, by whom, in which assessment: those that are still on their way too. */
type Made = { user: string; assessment: string; decided: Promise<Decided[]> }

/** Decisions of this page, the last one last: what `undo` takes back. */
const made: Made[] = []

/** Decisions before it about the same answer are taken back by the version that it has now. */
const renumber = ({ place, version }: Decided) => {
  const renumbered = (it: Decided) => (keyOf(it.place) === keyOf(place) ? { ...it, version } : it)
  for (const one of made) {
    one.decided = one.decided.then((all) => all.map(renumbered))
    one.decided.catch(() => undefined)
  }
}

/** That decision is taken back: `undo` goes on with what was before it. */
const without = ({ place, version }: Decided) => {
  const isOther = (it: Decided) => keyOf(it.place) !== keyOf(place) || it.version !== version
  for (const one of made) {
    one.decided = one.decided.then((all) => all.filter(isOther))
    one.decided.catch(() => undefined)
  }
}

const forget = (one: Made) => {
  const index = made.indexOf(one)
  if (index !== -1) made.splice(index, 1)
}

/** As many decisions as are sent at the same time. */
const AT_ONCE = 4

/**
 * Makes decisions while the next answer is shown already. What can't be decided is open again, with its draft; `onBack`
 * goes back to it, and says whether it has: not while one writes something else.
 */
export function useDecisions(assessment: string, onBack: (place: Place) => boolean) {
  const { t } = useI18n()
  const org = useOrgId()
  const user = useUserId()
  const say = useSay()
  const queries = useQueryClient()
  const decide = useDecide(assessment)
  const drafts = useDrafts()
  const [states, setStates] = useState<ReadonlyMap<string, State>>(new Map())
  // What is on its way is known at once, not only when the page is drawn anew: two presses send one decision.
  const sending = useRef(new Set<string>())

  const setState = (places: Place[], state: State | undefined) => {
    for (const key of places.map(keyOf)) {
      if (state === 'sending') sending.current.add(key)
      else sending.current.delete(key)
    }
    setStates((before) => {
      const next = new Map(before)
      for (const key of places.map(keyOf)) {
        if (state) next.set(key, state)
        else next.delete(key)
      }
      return next
    })
  }

  const failed = async (place: Place, { decisions }: Seen, error: unknown) => {
    setState([place], undefined)
    const isBack = onBack(place)
    if (!isBack) say.done(t('grade.openAgain', { label: place.question }))
    if (codeOf(error) !== 'answer_changed') return say.failed(error)
    // What somebody else has decided is shown beside the answer. What only the guide has changed is taken over here.
    const { queryKey, ...query } = scriptQuery(org, assessment, place.submission)
    const fresh = await queries.fetchQuery({ ...query, queryKey: [...queryKey, 'theirs'], staleTime: 0 })
    const answer = fresh.feedback.questions.find((it) => it.question === place.question)
    if ((answer?.decided?.decisions.length ?? 0) > decisions) return
    queries.setQueryData(queryKey, fresh)
    if (isBack) say.done(t('grade.changed'))
  }

  /** Whether it is sent; not if it is on its way already. */
  const make = ({ place, version, decision, seen, draft, others }: Wanted): boolean => {
    if (sending.current.has(keyOf(place))) return false
    setState([place, ...others.map((it) => it.place)], 'sending')
    const first = decide(place, version, decision, seen).then(({ version }) => {
      setState([place], 'done')
      drafts.drop(place, draft)
      return { place, version }
    })
    // The same words, the same marks, of every criterion.
    const same: Decision = { kind: 'override', criteria: seen.criteria ?? [], comment: draft.comment.trim() }
    const one = async ({ place, version }: Decided) => {
      const decided = await decide(place, version, same, { ...seen, decisions: 0 })
      setState([place], 'done')
      drafts.clear(place)
      return { place, version: decided.version }
    }
    const all = first.then(async (mine) => {
      const results = await inTurn(others, AT_ONCE, one)
      const refused = others.filter((_, i) => results[i]?.status === 'rejected')
      setState(
        refused.map((it) => it.place),
        undefined,
      )
      const count = others.length - refused.length
      if (count > 0) say.done(t('grade.alikeDone', { count }))
      if (refused.length > 0) say.done(t('grade.alikeLeft', { count: refused.length }))
      return [mine, ...results.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []))]
    })
    const mine: Made = { user, assessment, decided: all }
    made.push(mine)
    all
      .catch((error: unknown) => {
        forget(mine)
        setState(
          others.map((it) => it.place),
          undefined,
        )
        return failed(place, seen, error)
      })
      .catch(say.failed)
    return true
  }

  /** Takes back what was decided last, about all answers that it was decided about. */
  const undo = async (): Promise<void> => {
    const last = made.findLast((it) => it.user === user && it.assessment === assessment)
    if (!last) return say.done(t('grade.nothingToUndo'))
    forget(last)
    // What could not be decided has said so itself.
    const decided = await last.decided.catch(() => undefined)
    if (!decided) return
    if (decided.length === 0) return undo()
    const results = await inTurn(decided, AT_ONCE, async ({ place, version }) => {
      const undone = await decide(place, version, { kind: 'undo' })
      renumber({ place, version: undone.version })
      setState([place], undefined)
    })
    // What somebody else has decided meanwhile is not taken back; what the network has kept back may be tried again.
    const left = decided.filter((_, i) => {
      const result = results[i]
      return result?.status === 'rejected' && isPassing(result.reason)
    })
    if (left.length > 0) made.push({ user, assessment, decided: Promise.resolve(left) })
    if (decided[0]) onBack(decided[0].place)
    const refused = results.find((it) => it.status === 'rejected')
    if (refused) say.failed(refused.reason)
    else if (decided.length > 0) say.done(t('grade.undone'))
  }

  /** Takes back the last decision about one answer, whoever has made it. */
  const takeBack = async ({ place, version }: Decided) => {
    try {
      setState([place], 'sending')
      const undone = await decide(place, version, { kind: 'undo' })
      without({ place, version })
      renumber({ place, version: undone.version })
      say.done(t('grade.undone'))
    } catch (error) {
      say.failed(error)
    } finally {
      setState([place], undefined)
    }
  }

  return {
    make,
    undo,
    takeBack,
    /** Waits for what is on its way. */
    arrived: () => Promise.allSettled(made.filter((it) => it.assessment === assessment).map((it) => it.decided)),
    stateOf: (place: Place) => states.get(keyOf(place)),
    /** Forgets what was decided: the answers are put together anew. */
    reset: () => setStates(new Map()),
  }
}
