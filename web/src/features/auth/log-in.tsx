import { useState } from 'react'
import { Link, Navigate, useSearchParams } from 'react-router'

import { codeOf } from '@/api/problem'
import { Button } from '@/components/button'
import { PasswordField, TextField } from '@/components/field'
import { FormError, Notice } from '@/components/states'
import { useI18n } from '@/i18n'
import { filledIn } from '@/lib/form'

import { useLogIn } from './api/use-log-in'
import { useAuth } from './context'
import { Frame } from './frame'

/** A place within the application to go on to; never another site. */
const inside = (next: string | null) => (next?.startsWith('/') && !next.startsWith('//') ? next : '/')

export default function LogIn() {
  const { t } = useI18n()
  const auth = useAuth()
  const logIn = useLogIn()
  const [query] = useSearchParams()
  const [credentials, setCredentials] = useState<{ email: string; password: string }>()
  const needsCode = credentials !== undefined

  if (auth.kind === 'in') return <Navigate replace to={inside(query.get('next'))} />

  const submit = (filled: Record<string, string>) => {
    const { email = '', password = '' } = credentials ?? filled
    const code = filled.code?.replace(/\s/g, '')
    logIn.mutate(
      { email, password, ...(code ? { code } : {}) },
      { onError: (error) => codeOf(error) === 'second_factor_needed' && setCredentials({ email, password }) },
    )
  }
  const error = codeOf(logIn.error) === 'second_factor_needed' ? null : logIn.error

  return (
    <Frame title={t('auth.logIn')} about={needsCode ? t('auth.codeAbout') : undefined}>
      {query.get('expired') && !logIn.error && <Notice tone="info">{t('auth.expired')}</Notice>}
      {query.get('verified') && <Notice tone="right">{t('auth.verified')}</Notice>}
      {query.get('reset') && <Notice tone="right">{t('auth.passwordSet')}</Notice>}
      <form key={String(needsCode)} onSubmit={(event) => submit(filledIn(event))} className="grid gap-5">
        {needsCode ? (
          <TextField
            label={t('auth.code')}
            hint={t('auth.codeHint')}
            name="code"
            autoComplete="one-time-code"
            required
            autoFocus
          />
        ) : (
          <>
            <TextField label={t('auth.email')} name="email" type="email" autoComplete="username" required />
            <PasswordField label={t('auth.password')} name="password" autoComplete="current-password" required />
          </>
        )}
        <FormError error={error} />
        <Button type="submit" busy={logIn.isPending}>
          {t('auth.logIn')}
        </Button>
        {needsCode && (
          <Button look="ghost" onClick={() => setCredentials(undefined)}>
            {t('common.back')}
          </Button>
        )}
      </form>
      {!needsCode && (
        <div className="flex flex-wrap justify-between gap-2 text-sm">
          <Link to="/forgot-password" className="text-accent underline underline-offset-4">
            {t('auth.forgotPassword')}
          </Link>
          <Link to="/register" className="text-accent underline underline-offset-4">
            {t('auth.makeAccount')}
          </Link>
        </div>
      )}
    </Frame>
  )
}
