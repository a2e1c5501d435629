import { useState } from 'react'
import { useNavigate } from 'react-router'

import { Button } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { CheckField, TextField } from '@/components/field'
import { FormError, Notice } from '@/components/states'
import { Card, CardTitle, Facts, Page } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useI18n } from '@/i18n'
import { filledIn } from '@/lib/form'

import { useDeleteOrganization } from './api/use-delete-organization'
import { useLeaveOrganization } from './api/use-leave-organization'
import { useRestoreOrganization } from './api/use-restore-organization'
import { useUpdateOrganization } from './api/use-update-organization'
import { Allowed, useOrganization } from './context'

/** The organization's name, its security policy, leaving and deleting it. */
export default function SettingsPage() {
  const { t, named, format } = useI18n()
  const { organization, membership } = useOrganization()
  return (
    <Page title={t('nav.settings')}>
      <div className="grid items-start gap-5 xl:grid-cols-2">
        <Card>
          <CardTitle>{t('settings.organization')}</CardTitle>
          <Facts
            items={[
              [t('settings.name'), organization.name],
              [t('people.role'), named('role', membership.role)],
              [t('common.created'), format.date(organization.created_at)],
            ]}
          />
        </Card>
        <Allowed to="manage_organization">
          <Rename />
          <Security />
        </Allowed>
        <Leave />
        <Allowed to="delete_organization">
          <Delete />
        </Allowed>
      </div>
    </Page>
  )
}

function Rename() {
  const { t } = useI18n()
  const { organization } = useOrganization()
  const update = useUpdateOrganization()
  const say = useSay()
  return (
    <Card>
      <CardTitle>{t('common.rename')}</CardTitle>
      <form
        onSubmit={(event) =>
          update.mutate(
            { name: filledIn(event).name, version: organization.version },
            { onSuccess: () => say.done(t('common.saved')) },
          )
        }
        className="grid gap-4"
      >
        <TextField label={t('settings.name')} name="name" defaultValue={organization.name} maxLength={100} required />
        <FormError error={update.error} />
        <Button type="submit" look="secondary" busy={update.isPending} className="justify-self-start">
          {t('common.save')}
        </Button>
      </form>
    </Card>
  )
}

function Security() {
  const { t } = useI18n()
  const { organization } = useOrganization()
  const update = useUpdateOrganization()
  const required = organization.require_second_factor
  return (
    <Card>
      <CardTitle>{t('settings.security')}</CardTitle>
      <div className="grid gap-4">
        <CheckField
          label={t('settings.secondFactor')}
          hint={t('settings.secondFactorHint')}
          checked={update.isPending ? !required : required}
          disabled={update.isPending}
          onChange={() => update.mutate({ require_second_factor: !required, version: organization.version })}
        />
        <FormError error={update.error} />
      </div>
    </Card>
  )
}

function Leave() {
  const { t } = useI18n()
  const { organization } = useOrganization()
  const [open, setOpen] = useState(false)
  const leave = useLeaveOrganization()
  const navigate = useNavigate()
  return (
    <Card>
      <CardTitle>{t('settings.leave')}</CardTitle>
      <p className="mb-4 text-sm text-ink-soft">{t('settings.leaveAbout')}</p>
      <Button look="danger" onClick={() => setOpen(true)}>
        {t('settings.leave')}
      </Button>
      <Confirm
        title={t('settings.leaveTitle', { name: organization.name })}
        action={t('settings.leave')}
        open={open}
        onClose={() => setOpen(false)}
        onConfirm={async () => {
          await leave.mutateAsync()
          await navigate('/')
        }}
      >
        <p>{t('settings.leaveAbout')}</p>
      </Confirm>
    </Card>
  )
}

function Delete() {
  const { t, format } = useI18n()
  const { organization } = useOrganization()
  const [open, setOpen] = useState(false)
  const [typed, setTyped] = useState('')
  const remove = useDeleteOrganization()
  const restore = useRestoreOrganization()
  return (
    <Card>
      <CardTitle>{t('settings.delete')}</CardTitle>
      {organization.delete_at ? (
        <Notice tone="doubt">
          <p>{t('settings.deletedAt', { date: format.time(organization.delete_at) })}</p>
          <Button look="secondary" small busy={restore.isPending} onClick={() => restore.mutate()}>
            {t('settings.restore')}
          </Button>
          <FormError error={restore.error} />
        </Notice>
      ) : (
        <>
          <p className="mb-4 text-sm text-ink-soft">{t('settings.deleteAbout')}</p>
          <Button look="danger" onClick={() => setOpen(true)}>
            {t('settings.delete')}
          </Button>
        </>
      )}
      <Confirm
        title={t('settings.deleteTitle', { name: organization.name })}
        action={t('settings.delete')}
        open={open}
        onClose={() => setOpen(false)}
        ready={typed === organization.name}
        onConfirm={() => remove.mutateAsync()}
      >
        <p>{t('settings.deleteAbout')}</p>
        <TextField
          label={t('settings.typeName', { name: organization.name })}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </Confirm>
    </Card>
  )
}
