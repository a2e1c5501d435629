import { MailCheck } from 'lucide-react'
import { Link } from 'react-router'

import { Button } from '@/components/button'
import { TextField } from '@/components/field'
import { Empty, FormError } from '@/components/states'
import { useI18n } from '@/i18n'
import { filledIn } from '@/lib/form'

import { useForgotPassword } from './api/use-forgot-password'
import { Frame } from './frame'

export default function ForgotPassword() {
  const { t } = useI18n()
  const forgot = useForgotPassword()
  return (
    <Frame title={t('auth.forgotTitle')} about={forgot.isSuccess ? undefined : t('auth.forgotAbout')}>
      {forgot.isSuccess ? (
        <Empty icon={MailCheck} title={t('auth.lookAtMail')}>
          <p>{t('auth.forgotSent')}</p>
        </Empty>
      ) : (
        <form onSubmit={(event) => forgot.mutate({ email: filledIn(event).email ?? '' })} className="grid gap-5">
          <TextField label={t('auth.email')} name="email" type="email" autoComplete="username" required />
          <FormError error={forgot.error} />
          <Button type="submit" busy={forgot.isPending}>
            {t('auth.sendLink')}
          </Button>
        </form>
      )}
      <Link to="/log-in" className="text-sm text-accent underline underline-offset-4">
        {t('auth.backToLogIn')}
      </Link>
    </Frame>
  )
}
