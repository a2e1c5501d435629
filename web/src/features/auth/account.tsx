import { Monitor } from 'lucide-react'

import { Button } from '@/components/button'
import { Choice } from '@/components/choice'
import { PasswordField, SelectField } from '@/components/field'
import { FormError, Loaded, Notice } from '@/components/states'
import { Badge, Card, CardTitle, Facts, Page } from '@/components/surface'
import { useSay } from '@/components/toast'
import { LANGUAGES, useI18n, type Language } from '@/i18n'
import { filledIn } from '@/lib/form'
import { setTheme, useTheme } from '@/lib/theme'

import { useAccount } from './api/use-account'
import { useChangePassword } from './api/use-change-password'
import { useResendVerification } from './api/use-resend-verification'
import { useRevokeSession } from './api/use-revoke-session'
import { useSessions } from './api/use-sessions'
import { SecondFactor } from './second-factor'

/** One's own account: who one is, password, second factor, sessions, and how things look. */
export default function AccountPage() {
  const { t } = useI18n()
  const account = useAccount()
  return (
    <Page title={t('account.title')}>
      <div className="grid items-start gap-5 xl:grid-cols-2">
        <Card>
          <CardTitle>{t('account.you')}</CardTitle>
          <Loaded query={account} lines={2}>
            {(account) => (
              <div className="grid gap-4">
                <Facts
                  items={[
                    [t('auth.name'), account.name],
                    [
                      t('auth.email'),
                      <span key="email" className="flex flex-wrap items-center gap-2">
                        {account.email}
                        {account.email_verified && <Badge tone="right">{t('account.isVerified')}</Badge>}
                      </span>,
                    ],
                  ]}
                />
                {!account.email_verified && <Unverified />}
              </div>
            )}
          </Loaded>
        </Card>
        <Appearance />
        <Card>
          <CardTitle>{t('account.secondFactor')}</CardTitle>
          <Loaded query={account} lines={2}>
            {(account) => <SecondFactor account={account} />}
          </Loaded>
        </Card>
        <Password />
        <Sessions />
      </div>
    </Page>
  )
}

function Unverified() {
  const { t } = useI18n()
  const resend = useResendVerification()
  return (
    <Notice tone="doubt">
      <p>{resend.isSuccess ? t('auth.lookAtMail') : t('account.notVerified')}</p>
      {!resend.isSuccess && (
        <Button look="secondary" small busy={resend.isPending} onClick={() => resend.mutate()}>
          {t('account.resend')}
        </Button>
      )}
      <FormError error={resend.error} />
    </Notice>
  )
}

function Appearance() {
  const { t, language, setLanguage } = useI18n()
  const theme = useTheme()
  return (
    <Card>
      <CardTitle>{t('account.appearance')}</CardTitle>
      <div className="grid gap-4">
        <SelectField
          label={t('account.language')}
          value={language}
          onChange={(event) => setLanguage(event.target.value as Language)}
          className="max-w-xs"
        >
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <option key={code} value={code} lang={code}>
              {name}
            </option>
          ))}
        </SelectField>
        <div className="grid gap-1.5">
          <p className="text-sm font-medium">{t('account.theme')}</p>
          <Choice
            label={t('account.theme')}
            value={theme}
            onChange={setTheme}
            options={[
              ['system', t('theme.system')],
              ['light', t('theme.light')],
              ['dark', t('theme.dark')],
            ]}
            className="justify-self-start"
          />
        </div>
      </div>
    </Card>
  )
}

function Password() {
  const { t } = useI18n()
  const say = useSay()
  const change = useChangePassword()
  return (
    <Card>
      <CardTitle>{t('auth.password')}</CardTitle>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          const form = event.currentTarget
          const { current = '', new: fresh = '' } = filledIn(event)
          change.mutate(
            { current, new: fresh },
            { onSuccess: () => (form.reset(), say.done(t('account.passwordChanged'))) },
          )
        }}
      >
        <PasswordField label={t('account.currentPassword')} name="current" autoComplete="current-password" required />
        <PasswordField
          label={t('auth.newPassword')}
          hint={t('auth.passwordHint')}
          name="new"
          autoComplete="new-password"
          required
        />
        <FormError error={change.error} />
        <Button type="submit" look="secondary" busy={change.isPending} className="justify-self-start">
          {t('account.changePassword')}
        </Button>
      </form>
    </Card>
  )
}

function Sessions() {
  const { t, format } = useI18n()
  const sessions = useSessions()
  const revoke = useRevokeSession()
  return (
    <Card className="xl:col-span-2">
      <CardTitle>{t('account.sessions')}</CardTitle>
      <Loaded query={sessions} lines={2}>
        {({ items }) => (
          <ul className="grid divide-y divide-line">
            {items.map((item) => (
              <li key={item.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
                <Monitor aria-hidden className="size-5 text-ink-soft" />
                <div className="min-w-0 flex-1 basis-60">
                  <p className="flex flex-wrap items-center gap-2 text-sm font-medium">
                    {browserOf(item.user_agent) || t('account.unknownBrowser')}
                    {item.current && <Badge tone="accent">{t('account.thisSession')}</Badge>}
                    {item.second_factor && <Badge>{t('account.secondFactor')}</Badge>}
                  </p>
                  <p className="text-sm text-ink-soft">
                    {t('account.sessionAbout', {
                      began: format.time(item.created_at),
                      seen: format.ago(item.last_seen_at),
                      network: item.network ?? '–',
                    })}
                  </p>
                </div>
                {!item.current && (
                  <Button
                    look="danger"
                    small
                    busy={revoke.isPending && revoke.variables === item.id}
                    onClick={() => revoke.mutate(item.id)}
                  >
                    {t('account.endSession')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <FormError error={revoke.error} />
    </Card>
  )
}

/** Browser and system, from what a browser says of itself: `Firefox, Windows`. */
function browserOf(agent: string | null | undefined): string {
  const first = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(agent ?? ''))?.[1]
  const browser = first([
    [/Edg\//, 'Edge'],
    [/Firefox\//, 'Firefox'],
    [/Chrom(e|ium)\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ])
  const system = first([
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS/, 'macOS'],
    [/Linux|X11/, 'Linux'],
  ])
  return [browser, system].filter(Boolean).join(', ') || (agent ?? '').slice(0, 60)
}
