import { Link, Navigate } from 'react-router'

import { Button } from '@/components/button'
import { PasswordField } from '@/components/field'
import { FormError, Notice } from '@/components/states'
import { useI18n } from '@/i18n'
import { filledIn } from '@/lib/form'

import { useResetPassword } from './api/use-reset-password'
import { Frame } from './frame'
import { useHashToken } from './use-hash-token'

export default function ResetPassword() {
  const { t } = useI18n()
  const token = useHashToken()
  const reset = useResetPassword()
  if (reset.isSuccess) return <Navigate replace to="/log-in?reset=1" />
  return (
    <Frame title={t('auth.resetTitle')}>
      {token ? (
        <form
          onSubmit={(event) => reset.mutate({ token, password: filledIn(event).password ?? '' })}
          className="grid gap-5"
        >
          <PasswordField
            label={t('auth.newPassword')}
            hint={t('auth.passwordHint')}
            name="password"
            autoComplete="new-password"
            required
          />
          <FormError error={reset.error} />
          <Button type="submit" busy={reset.isPending}>
            {t('auth.setPassword')}
          </Button>
        </form>
      ) : (
        <Notice tone="wrong">{t('auth.linkIncomplete')}</Notice>
      )}
      <Link to="/forgot-password" className="text-sm text-accent underline underline-offset-4">
        {t('auth.newLink')}
      </Link>
    </Frame>
  )
}
