import { useCallback, useMemo, useSyncExternalStore } from 'react'

import { useUserId } from '@/features/auth/context'

import type { Place } from './api/use-decide'
import { NOTHING, type Draft } from './draft'
import { keyOf } from './order'

/** Who writes: nobody sees what somebody else has written on the same computer. */
type User = string

/**
 * The marks and the comments that persons are about to give, as long as the page is open: they outlive a look at
 * another answer or at another page, until they are decided or cast off.
 */
class Drafts {
  private drafts = new Map<User, Map<string, Draft>>()
  private listeners = new Set<() => void>()

  subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  get(user: User, place: Place): Draft {
    return this.drafts.get(user)?.get(keyOf(place)) ?? NOTHING
  }

  set(user: User, place: Place, draft: Draft) {
    const mine = this.drafts.get(user) ?? new Map<string, Draft>()
    this.drafts.set(user, mine)
    if (isEmpty(draft)) mine.delete(keyOf(place))
    else mine.set(keyOf(place), draft)
    this.listeners.forEach((listener) => listener())
  }

  isAny = (user: User) => (this.drafts.get(user)?.size ?? 0) > 0
}

const isEmpty = ({ marks, comment }: Draft) => Object.keys(marks).length === 0 && comment === ''

const drafts = new Drafts()

/** What one is about to give to an answer. */
export function useDraft({ submission, question }: Place): [Draft, (change: (before: Draft) => Draft) => void] {
  const user = useUserId()
  const place = useMemo(() => ({ submission, question }), [submission, question])
  const draft = useSyncExternalStore(drafts.subscribe, () => drafts.get(user, place))
  const change = useCallback(
    (to: (before: Draft) => Draft) => drafts.set(user, place, to(drafts.get(user, place))),
    [user, place],
  )
  return [draft, change]
}

/** What is done with the drafts of all answers. */
export function useDrafts() {
  const user = useUserId()
  return useMemo(
    () => ({
      /** Casts off what was decided, unless something else has been written meanwhile. */
      drop: (place: Place, decided: Draft) => {
        if (drafts.get(user, place) === decided) drafts.set(user, place, NOTHING)
      },
      clear: (place: Place) => drafts.set(user, place, NOTHING),
      /** Whether something would be lost if the page were closed. */
      isAny: () => drafts.isAny(user),
    }),
    [user],
  )
}
