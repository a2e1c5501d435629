import { createContext, use, useCallback, useMemo, type ReactNode } from 'react'

import type { Api } from '@/api/types'
import { useMembers } from '@/features/organization/api/use-members'
import { useI18n } from '@/i18n'

type Names = { actor: (actor: Api<'EventActor'>) => string; people: { id: string; name: string }[] }

const Context = createContext<Names | null>(null)

/** The log holds ids only; names come from the list of members, as far as the viewer may see it. */
export function AuditProvider({ children }: { children: ReactNode }) {
  const { t, named } = useI18n()
  const members = useMembers()
  const people = useMemo(() => members.data?.map((it) => ({ id: it.user, name: it.name })) ?? [], [members.data])
  const actor = useCallback(
    (actor: Api<'EventActor'>) => {
      if (actor.kind === 'anybody') return t('audit.anybody')
      if (actor.kind === 'task') return named('task', actor.id)
      if (actor.kind === 'api_key') return t('audit.apiKey', { id: actor.id })
      return people.find((it) => it.id === actor.id)?.name ?? actor.id
    },
    [people, t, named],
  )
  return <Context value={useMemo(() => ({ actor, people }), [actor, people])}>{children}</Context>
}

export function useNames(): Names {
  const value = use(Context)
  if (!value) throw new Error('useNames outside of AuditProvider')
  return value
}
