import { CreditCard } from 'lucide-react'
import { useState } from 'react'

import { codeOf } from '@/api/problem'
import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { FormError } from '@/components/states'
import { Badge, Card, CardTitle, Facts } from '@/components/surface'
import { useSay } from '@/components/toast'
import { Allowed } from '@/features/organization/context'
import { useI18n, type Key } from '@/i18n'

import { useChangeSubscription } from './api/use-change-subscription'
import { useStripePage } from './api/use-stripe-page'
import { isLive, offerOf } from './offers'
import { useMoney } from './use-money'

const TONES = {
  trialing: 'info',
  active: 'right',
  past_due: 'wrong',
  unpaid: 'wrong',
  paused: 'doubt',
  incomplete: 'doubt',
  canceled: 'plain',
} as const

/** The subscription: what is paid, until when, and what can be done about it. */
export function Subscription({ billing }: { billing: Api<'Billing'> }) {
  const { t, named } = useI18n()
  const { subscription } = billing
  return (
    <Card>
      <CardTitle
        aside={
          subscription && <Badge tone={TONES[subscription.status]}>{named('subscription', subscription.status)}</Badge>
        }
      >
        {t('billing.subscription')}
      </CardTitle>
      {subscription ? (
        <Details billing={billing} subscription={subscription} />
      ) : (
        <p className="text-sm text-ink-soft">{t(billing.plan === 'free' ? 'billing.none' : 'billing.agreed')}</p>
      )}
      {subscription && (
        <Allowed to="manage_billing">
          <Actions subscription={subscription} />
        </Allowed>
      )}
    </Card>
  )
}

type Known = NonNullable<Api<'Billing'>['subscription']>

function Details({ billing, subscription }: { billing: Api<'Billing'>; subscription: Known }) {
  const { t, named, format } = useI18n()
  const { every } = useMoney()
  const { plan, interval, seats, status, current_period_end, cancels_at, trial_ends_at } = subscription
  const offer = offerOf(billing, plan, interval)
  const price = offer && every(offer.amount, offer.currency, interval)
  // The one date that matters next.
  const [key, date]: [Key, string] = cancels_at
    ? ['billing.endsOn', cancels_at]
    : status === 'trialing' && trial_ends_at
      ? ['billing.trialUntil', trial_ends_at]
      : [isLive(subscription) ? 'billing.renewsOn' : 'billing.endedOn', current_period_end]
  return (
    <Facts
      items={[
        [t('nav.plan'), named('plan', plan)],
        ...(price ? [[t('billing.price'), price] as [string, string]] : []),
        [t(key), format.date(date)],
        [t('billing.seats'), format.number(seats)],
      ]}
    />
  )
}

function Actions({ subscription }: { subscription: Known }) {
  const { t, named, format } = useI18n()
  const say = useSay()
  const [asking, setAsking] = useState(false)
  const portal = useStripePage()
  const change = useChangeSubscription()
  const live = isLive(subscription)
  const ends = subscription.cancels_at ?? subscription.current_period_end
  return (
    <div className="mt-5 grid gap-3">
      <div className="flex flex-wrap gap-2">
        <Button look="secondary" busy={portal.isPending} onClick={() => portal.mutate(undefined)}>
          <CreditCard aria-hidden className="size-4" />
          {t('billing.portal')}
        </Button>
        {live && subscription.cancels_at && (
          <Button
            busy={change.isPending}
            onClick={() => change.mutate({ kind: 'resume' }, { onSuccess: () => say.done(t('billing.resumed')) })}
          >
            {t('billing.resume')}
          </Button>
        )}
        {live && !subscription.cancels_at && (
          <Button look="danger" onClick={() => setAsking(true)}>
            {t('billing.cancel')}
          </Button>
        )}
      </div>
      <p className="text-sm text-ink-soft">{t('billing.portalAbout')}</p>
      <FormError error={portal.error ?? change.error} />
      <Confirm
        title={t('billing.cancelTitle', { plan: named('plan', subscription.plan) })}
        action={t('billing.cancel')}
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={async () => {
          await change.mutateAsync({ kind: 'cancel' }).catch((error: unknown) => {
            // Somebody else was faster, which is what was wanted.
            if (codeOf(error) !== 'not_subscribed') throw error
          })
          say.done(t('billing.canceled', { date: format.date(ends) }))
        }}
      >
        <p>{t('billing.cancelAbout', { date: format.date(ends) })}</p>
      </Confirm>
    </div>
  )
}
