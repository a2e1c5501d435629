import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { CopyText } from '@/components/copy'
import { Dialog } from '@/components/dialog'
import { PasswordField, TextField } from '@/components/field'
import { FormError, Notice } from '@/components/states'
import { Badge } from '@/components/surface'
import { useI18n } from '@/i18n'
import { filledIn } from '@/lib/form'

import { useBeginSecondFactor } from './api/use-begin-second-factor'
import { useConfirmSecondFactor } from './api/use-confirm-second-factor'
import { useRemoveSecondFactor } from './api/use-remove-second-factor'
import { useRenewRecoveryCodes } from './api/use-renew-recovery-codes'

type Doing = 'set-up' | 'renew' | 'remove'

/** Setting up a second factor, new recovery codes, and removing it. */
export function SecondFactor({ account }: { account: Api<'Account'> }) {
  const { t } = useI18n()
  const [doing, setDoing] = useState<Doing>()
  return (
    <div className="grid gap-4 text-sm">
      <p className="text-ink-soft">{t('account.secondFactorAbout')}</p>
      <p>
        {account.second_factor ? (
          <span className="flex flex-wrap items-center gap-2">
            <Badge tone="right">{t('common.on')}</Badge>
            {t('account.codesLeft', { count: account.recovery_codes })}
          </span>
        ) : (
          <Badge tone="doubt">{t('common.off')}</Badge>
        )}
      </p>
      <div className="flex flex-wrap gap-2">
        {account.second_factor ? (
          <>
            <Button look="secondary" onClick={() => setDoing('renew')}>
              {t('account.newCodes')}
            </Button>
            <Button look="danger" onClick={() => setDoing('remove')}>
              {t('account.removeSecondFactor')}
            </Button>
          </>
        ) : (
          <Button onClick={() => setDoing('set-up')}>{t('account.setUp')}</Button>
        )}
      </div>
      {doing === 'set-up' && <SetUp onClose={() => setDoing(undefined)} />}
      {doing === 'renew' && <RenewCodes onClose={() => setDoing(undefined)} />}
      {doing === 'remove' && <RemoveIt onClose={() => setDoing(undefined)} />}
    </div>
  )
}

function useAccountChanged(onClose: () => void) {
  const queries = useQueryClient()
  return () => {
    void queries.invalidateQueries({ queryKey: ['account'] })
    onClose()
  }
}

function SetUp({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const begin = useBeginSecondFactor()
  const confirm = useConfirmSecondFactor()
  const close = useAccountChanged(onClose)
  return (
    <Dialog title={t('account.setUp')} open onClose={close}>
      {confirm.data ? (
        <Codes codes={confirm.data.recovery_codes} onClose={close} />
      ) : begin.data ? (
        <form onSubmit={(event) => confirm.mutate({ code: filledIn(event).code ?? '' })} className="grid gap-4">
          <p className="text-sm">{t('account.scan')}</p>
          <QrCode text={begin.data.uri} />
          <CopyText label={t('account.orType')} text={begin.data.secret} />
          <TextField
            label={t('auth.code')}
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="[0-9 ]{6,7}"
            required
          />
          <FormError error={confirm.error} />
          <Button type="submit" busy={confirm.isPending}>
            {t('account.confirmCode')}
          </Button>
        </form>
      ) : (
        <PasswordFirst
          busy={begin.isPending}
          error={begin.error}
          onPassword={(password) => begin.mutate({ password })}
        />
      )}
    </Dialog>
  )
}

type PasswordProps = { busy: boolean; error: unknown; onPassword: (password: string) => void }

function PasswordFirst({ busy, error, onPassword }: PasswordProps) {
  const { t } = useI18n()
  return (
    <form onSubmit={(event) => onPassword(filledIn(event).password ?? '')} className="grid gap-4">
      <PasswordField
        label={t('account.passwordFirst')}
        name="password"
        autoComplete="current-password"
        required
        autoFocus
      />
      <FormError error={error} />
      <Button type="submit" busy={busy}>
        {t('common.next')}
      </Button>
    </form>
  )
}

/** The secret as a picture that an authenticator reads, drawn here: it never leaves the browser. */
function QrCode({ text }: { text: string }) {
  const { t } = useI18n()
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    void import('qrcode').then(({ toDataURL }) => toDataURL(text, { margin: 2, width: 208 })).then(setUrl)
  }, [text])
  return (
    <div className="size-52 overflow-hidden rounded-xl bg-white">
      {url && <img src={url} alt={t('account.qrCode')} width={208} height={208} />}
    </div>
  )
}

function Codes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  const { t } = useI18n()
  return (
    <div className="grid gap-4">
      <Notice tone="doubt">{t('account.keepCodes')}</Notice>
      <CopyText label={t('account.recoveryCodes')} text={codes.join(' ')} />
      <Button onClick={onClose}>{t('account.codesKept')}</Button>
    </div>
  )
}

function RenewCodes({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const renew = useRenewRecoveryCodes()
  const close = useAccountChanged(onClose)
  return (
    <Dialog title={t('account.newCodes')} open onClose={close}>
      {renew.data ? (
        <Codes codes={renew.data.recovery_codes} onClose={close} />
      ) : (
        <PasswordFirst
          busy={renew.isPending}
          error={renew.error}
          onPassword={(password) => renew.mutate({ password })}
        />
      )}
    </Dialog>
  )
}

function RemoveIt({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const remove = useRemoveSecondFactor()
  const close = useAccountChanged(onClose)
  const submit = ({ password = '', code = '' }: Record<string, string>) =>
    remove.mutate({ password, code }, { onSuccess: close })
  return (
    <Dialog title={t('account.removeSecondFactor')} open onClose={close}>
      <form onSubmit={(event) => submit(filledIn(event))} className="grid gap-4">
        <PasswordField label={t('auth.password')} name="password" autoComplete="current-password" required />
        <TextField label={t('auth.code')} hint={t('auth.codeHint')} name="code" autoComplete="one-time-code" required />
        <FormError error={remove.error} />
        <Button type="submit" look="danger" busy={remove.isPending}>
          {t('account.removeSecondFactor')}
        </Button>
      </form>
    </Dialog>
  )
}
