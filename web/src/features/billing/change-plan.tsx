import { useState } from 'react'

import { codeOf } from '@/api/problem'
import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Dialog } from '@/components/dialog'
import { FormError, Loaded } from '@/components/states'
import { useSay } from '@/components/toast'
import { useI18n } from '@/i18n'

import { useChangeSubscription } from './api/use-change-subscription'
import { usePreviewChange } from './api/use-preview-change'
import { useMoney } from './use-money'

type Props = { offer: Api<'Offer'>; onClose: () => void }

/** What another plan costs now and later, before it is changed to. */
export function ChangePlan({ offer, onClose }: Props) {
  const { t, named } = useI18n()
  return (
    <Dialog title={t('billing.changeTitle', { plan: named('plan', offer.plan) })} open onClose={onClose}>
      <Preview offer={offer} onClose={onClose} />
    </Dialog>
  )
}

function Preview({ offer: { plan, interval }, onClose }: Props) {
  const { t, named, format } = useI18n()
  const { amount: spell, every } = useMoney()
  const say = useSay()
  const preview = usePreviewChange({ plan, interval })
  const change = useChangeSubscription()
  const [old, setOld] = useState(false)
  const go = (proration_at: string) =>
    change.mutate(
      { kind: 'change', plan, interval, proration_at },
      {
        onSuccess: () => {
          say.done(t('billing.changed', { plan: named('plan', plan) }))
          onClose()
        },
        onError: (error) => {
          if (codeOf(error) !== 'preview_old') return
          setOld(true)
          void preview.refetch()
        },
      },
    )
  return (
    <Loaded query={preview} lines={3}>
      {(cost) => {
        const amount = (value: number) => spell(value, cost.currency)
        return (
          <div className="grid gap-4 text-sm">
            <dl className="grid gap-2">
              {cost.lines.map((line, i) => (
                <div key={i} className="flex justify-between gap-4 text-ink-soft">
                  <dt>{line.description}</dt>
                  <dd className="whitespace-nowrap tabular-nums">{amount(line.amount)}</dd>
                </div>
              ))}
              <div className="flex justify-between gap-4 border-t border-line pt-2 text-base font-semibold">
                <dt>{t('billing.dueNow')}</dt>
                <dd className="whitespace-nowrap tabular-nums">{amount(cost.due_now)}</dd>
              </div>
              <div className="flex justify-between gap-4">
                <dt>{t('billing.dueNext', { date: format.date(cost.next_at) })}</dt>
                <dd className="whitespace-nowrap tabular-nums">{every(cost.next_amount, cost.currency, interval)}</dd>
              </div>
            </dl>
            <p className="text-ink-soft">{t(cost.lines.length ? 'billing.changeAbout' : 'billing.changeFree')}</p>
            {old && !change.error && !change.isPending && <p role="status">{t('billing.previewOld')}</p>}
            <FormError error={codeOf(change.error) === 'preview_old' ? undefined : change.error} />
            <div className="flex justify-end gap-2">
              <Button look="ghost" onClick={onClose}>
                {t('common.cancel')}
              </Button>
              <Button busy={change.isPending || preview.isFetching} onClick={() => go(cost.proration_at)}>
                {t('billing.changeTo', { plan: named('plan', plan) })}
              </Button>
            </div>
          </div>
        )
      }}
    </Loaded>
  )
}
