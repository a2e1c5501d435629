import type { Api } from '@/api/types'
import { useI18n } from '@/i18n'

import { AuditProvider, useNames } from './context'

/** An entry in one line, for where there is little room. */
export function AuditLine({ entry }: { entry: Api<'AuditEntry'> }) {
  return (
    <AuditProvider>
      <Line entry={entry} />
    </AuditProvider>
  )
}

function Line({ entry }: { entry: Api<'AuditEntry'> }) {
  const { format } = useI18n()
  const names = useNames()
  const actionName = useActionName()
  return (
    <li className="grid text-sm">
      <span className="font-medium">{actionName(entry.action)}</span>
      <span className="text-ink-soft">
        {names.actor(entry.actor)} · <time dateTime={entry.at}>{format.ago(entry.at)}</time>
      </span>
    </li>
  )
}

/** What an action is called; one that has no name yet is spelt out: `answer.confirmed` → Answer confirmed. */
export function useActionName() {
  const { named } = useI18n()
  return (action: string) => {
    const spelt = action.replace(/[._]/g, ' ')
    return named('action', action, spelt.charAt(0).toUpperCase() + spelt.slice(1))
  }
}
