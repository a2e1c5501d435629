import { TriangleAlert } from 'lucide-react'
import { Link } from 'react-router'

import { useCan, useOrganization } from '@/features/organization/context'
import { useI18n } from '@/i18n'

import { graceEndsAt, isReadOnly } from './context'

/** Says on every page that a payment is missing, until when all works nevertheless, and what to do. */
export function Overdue() {
  const { t, format } = useI18n()
  const { organization, membership } = useOrganization()
  const may = useCan('manage_billing')
  const since = organization.overdue_since
  if (!since || membership.role === 'student') return null
  const text = isReadOnly(since) ? t('billing.readOnly') : t('billing.grace', { date: format.date(graceEndsAt(since)) })
  return (
    <div
      role="status"
      className="flex flex-wrap items-center justify-center gap-x-3 gap-y-1 bg-wrong-soft px-4 py-2 text-sm text-wrong"
    >
      <TriangleAlert aria-hidden className="size-4 shrink-0" />
      <p>
        {text} {t(may ? 'billing.payYourself' : 'billing.payAsk')}
      </p>
      {may && (
        <Link to={`/o/${organization.id}/plan`} className="font-medium underline underline-offset-4">
          {t('billing.toPlan')}
        </Link>
      )}
    </div>
  )
}
