import { useEffect, useRef } from 'react'
import { Link, useNavigate } from 'react-router'

import { Button } from '@/components/button'
import { PasswordField, TextField } from '@/components/field'
import { FormError, Notice, Skeleton } from '@/components/states'
import { useI18n } from '@/i18n'
import { filledIn } from '@/lib/form'

import { useAcceptInvite } from './api/use-accept-invite'
import { useAcceptInviteAnew } from './api/use-accept-invite-anew'
import { useLogIn } from './api/use-log-in'
import { useLookUpInvite } from './api/use-look-up-invite'
import { Frame } from './frame'
import { useHashToken } from './use-hash-token'

/** Accepting an invitation: with a new account, or with the one that the address has already. */
export default function AcceptInvite() {
  const { t, named } = useI18n()
  const token = useHashToken()
  const navigate = useNavigate()
  const { mutate: lookUp, data: invitation, error: lookUpError } = useLookUpInvite()
  const accept = useAcceptInvite()
  const acceptAnew = useAcceptInviteAnew()
  const logIn = useLogIn()
  const asked = useRef(false)
  useEffect(() => {
    if (!asked.current && token) lookUp({ token })
    asked.current = true
  }, [lookUp, token])

  const submit = async ({ name = '', password = '', code = '' }: Record<string, string>) => {
    if (!invitation) return
    const { email } = invitation
    if (!invitation.has_account) await acceptAnew.mutateAsync({ token, name, password })
    await logIn.mutateAsync({ email, password, ...(code ? { code } : {}) })
    const membership = invitation.has_account ? await accept.mutateAsync({ token }) : acceptAnew.data
    await navigate(membership ? `/o/${membership.organization}` : '/', { replace: true })
  }
  const error = acceptAnew.error ?? logIn.error ?? accept.error
  const busy = acceptAnew.isPending || logIn.isPending || accept.isPending

  return (
    <Frame title={t('auth.inviteTitle')}>
      {!token && <Notice tone="wrong">{t('auth.linkIncomplete')}</Notice>}
      <FormError error={lookUpError} />
      {token && !invitation && !lookUpError && <Skeleton lines={2} />}
      {invitation && (
        <form onSubmit={(event) => void submit(filledIn(event)).catch(() => undefined)} className="grid gap-5">
          <p>
            {t('auth.inviteTo', {
              organization: invitation.organization_name,
              role: named('role', invitation.role),
              email: invitation.email,
            })}
          </p>
          <input type="hidden" name="email" autoComplete="username" value={invitation.email} readOnly />
          {!invitation.has_account && (
            <TextField label={t('auth.name')} name="name" autoComplete="name" maxLength={100} required />
          )}
          <PasswordField
            label={t('auth.password')}
            hint={invitation.has_account ? t('auth.inviteHasAccount') : t('auth.passwordHint')}
            name="password"
            autoComplete={invitation.has_account ? 'current-password' : 'new-password'}
            required
          />
          {invitation.has_account && <TextField label={t('auth.codeIfAny')} name="code" autoComplete="one-time-code" />}
          <FormError error={error} />
          <Button type="submit" busy={busy}>
            {t('auth.accept')}
          </Button>
        </form>
      )}
      <Link to="/log-in" className="text-sm text-accent underline underline-offset-4">
        {t('auth.backToLogIn')}
      </Link>
    </Frame>
  )
}
