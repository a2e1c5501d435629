import { MailCheck } from 'lucide-react'
import { Link } from 'react-router'

import { Button } from '@/components/button'
import { PasswordField, TextField } from '@/components/field'
import { Empty, FormError } from '@/components/states'
import { useI18n } from '@/i18n'
import { filledIn } from '@/lib/form'

import { useRegister } from './api/use-register'
import { Frame } from './frame'

export default function Register() {
  const { t } = useI18n()
  const register = useRegister()

  if (register.isSuccess) {
    return (
      <Frame title={t('auth.lookAtMail')}>
        <Empty icon={MailCheck} title={t('auth.mailSent', { email: register.variables.email })}>
          <p>{t('auth.mailSentAbout')}</p>
          <Link to="/log-in" className="text-accent underline underline-offset-4">
            {t('auth.logIn')}
          </Link>
        </Empty>
      </Frame>
    )
  }
  const submit = ({ name = '', email = '', password = '' }: Record<string, string>) =>
    register.mutate({ name, email, password })
  return (
    <Frame title={t('auth.makeAccount')} about={t('auth.makeAccountAbout')}>
      <form onSubmit={(event) => submit(filledIn(event))} className="grid gap-5">
        <TextField label={t('auth.name')} name="name" autoComplete="name" maxLength={100} required />
        <TextField label={t('auth.email')} name="email" type="email" autoComplete="username" required />
        <PasswordField
          label={t('auth.password')}
          hint={t('auth.passwordHint')}
          name="password"
          autoComplete="new-password"
          minLength={15}
          required
        />
        <FormError error={register.error} />
        <Button type="submit" busy={register.isPending}>
          {t('auth.makeAccount')}
        </Button>
      </form>
      <p className="text-sm">
        {t('auth.haveAccount')}{' '}
        <Link to="/log-in" className="text-accent underline underline-offset-4">
          {t('auth.logIn')}
        </Link>
      </p>
    </Frame>
  )
}
