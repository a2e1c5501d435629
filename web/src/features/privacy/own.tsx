import { useState } from 'react'

import { Button } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { PasswordField } from '@/components/field'
import { FormError, Loaded, Notice } from '@/components/states'
import { Card, CardTitle, Page } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useI18n } from '@/i18n'

import { useCancelErasure } from './api/use-cancel-erasure'
import { useOwnErasurePlan } from './api/use-own-erasure-plan'
import { useOwnErasures } from './api/use-own-erasures'
import { useOwnExports } from './api/use-own-exports'
import { useRequestErasure } from './api/use-request-erasure'
import { useRequestExport } from './api/use-request-export'
import { Counts } from './counts'
import { Exports } from './exports'

/** One's own data: a copy of it, and having it erased. */
export default function OwnPrivacyPage() {
  const { t } = useI18n()
  const exports = useOwnExports()
  const request = useRequestExport()
  return (
    <Page title={t('privacy.own')}>
      <div className="grid max-w-3xl gap-5">
        <Card>
          <CardTitle>{t('privacy.download')}</CardTitle>
          <p className="mb-4 text-sm text-ink-soft">{t('privacy.downloadAbout')}</p>
          <Button busy={request.isPending} onClick={() => request.mutate()}>
            {t('privacy.ask')}
          </Button>
          <div className="mt-4 grid gap-4">
            <FormError error={request.error} />
            <Loaded query={exports} lines={1}>
              {(items) => <Exports items={items} />}
            </Loaded>
          </div>
        </Card>
        <Erase />
      </div>
    </Page>
  )
}

function Erase() {
  const { t, format } = useI18n()
  const erasures = useOwnErasures()
  const cancel = useCancelErasure()
  const [asking, setAsking] = useState(false)
  const say = useSay()
  return (
    <Card>
      <CardTitle>{t('privacy.erase')}</CardTitle>
      <Loaded query={erasures} lines={1}>
        {(items) => {
          const pending = items.find((it) => it.state === 'pending')
          return pending ? (
            <Notice tone="doubt">
              <p>{t('privacy.pending', { date: format.time(pending.due_at) })}</p>
              <Button
                look="secondary"
                small
                busy={cancel.isPending}
                onClick={() =>
                  cancel.mutate(pending.id, { onSuccess: () => say.done(t('privacy.cancelled')), onError: say.failed })
                }
              >
                {t('privacy.cancel')}
              </Button>
            </Notice>
          ) : (
            <>
              <p className="mb-4 text-sm text-ink-soft">{t('privacy.eraseAbout')}</p>
              <Button look="danger" onClick={() => setAsking(true)}>
                {t('privacy.erase')}
              </Button>
            </>
          )
        }}
      </Loaded>
      {asking && <EraseDialog onClose={() => setAsking(false)} />}
    </Card>
  )
}

function EraseDialog({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const plan = useOwnErasurePlan()
  const request = useRequestErasure()
  const [password, setPassword] = useState('')
  return (
    <Confirm
      title={t('privacy.erase')}
      action={t('privacy.erase')}
      open
      onClose={onClose}
      ready={password !== ''}
      onConfirm={() => request.mutateAsync({ password })}
    >
      <p>{t('privacy.eraseAbout')}</p>
      <Loaded query={plan} lines={2}>
        {(plan) => <Counts {...plan} />}
      </Loaded>
      <PasswordField
        label={t('account.passwordFirst')}
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
    </Confirm>
  )
}
