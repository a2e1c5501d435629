import { useEffect, useRef } from 'react'
import { Link, Navigate } from 'react-router'

import { FormError, Notice, Skeleton } from '@/components/states'
import { useI18n } from '@/i18n'

import { useVerifyEmail } from './api/use-verify-email'
import { Frame } from './frame'
import { useHashToken } from './use-hash-token'

export default function VerifyEmail() {
  const { t } = useI18n()
  const token = useHashToken()
  const { mutate, isSuccess, error } = useVerifyEmail()
  const asked = useRef(false)
  useEffect(() => {
    if (!asked.current && token) mutate({ token })
    asked.current = true
  }, [mutate, token])

  if (isSuccess) return <Navigate replace to="/log-in?verified=1" />
  return (
    <Frame title={t('auth.verify')}>
      {!token && <Notice tone="wrong">{t('auth.linkIncomplete')}</Notice>}
      <FormError error={error} />
      {token && !error && <Skeleton lines={1} />}
      <Link to="/log-in" className="text-sm text-accent underline underline-offset-4">
        {t('auth.logIn')}
      </Link>
    </Frame>
  )
}
