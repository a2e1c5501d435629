import { KeyRound, Plus } from 'lucide-react'
import { useState, type ReactNode } from 'react'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { CopyText } from '@/components/copy'
import { Dialog } from '@/components/dialog'
import { CheckField, NumberField, TextField } from '@/components/field'
import { Empty, FormError, Loaded, Notice } from '@/components/states'
import { Badge, Page, Table } from '@/components/surface'
import { useI18n } from '@/i18n'
import { toggled } from '@/lib/toggled'

import { useApiKeys } from './api/use-api-keys'
import { useCreateApiKey } from './api/use-create-api-key'
import { usePermissions } from './api/use-permissions'
import { useRevokeApiKey } from './api/use-revoke-api-key'
import { useOrganization, type Permission } from './context'

type Props = {
  /** Whether the plan has keys. */
  isInPlan: boolean
  /** Which plan has, where this one has not. */
  fromPlan: ReactNode
}

/** Keys with which programs call the API. */
export function ApiKeys({ isInPlan, fromPlan }: Props) {
  const { t, named, format } = useI18n()
  const keys = useApiKeys()
  const [making, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<Api<'ApiKeySummary'>>()
  const revoke = useRevokeApiKey()
  const { can } = useOrganization()
  const add = isInPlan && can('create_api_keys') && (
    <Button onClick={() => setMaking(true)}>
      <Plus aria-hidden className="size-4" />
      {t('keys.new')}
    </Button>
  )
  return (
    <Page title={t('nav.apiKeys')} about={t('keys.about')} actions={add}>
      {fromPlan}
      <Loaded query={keys}>
        {(items) =>
          items.length === 0 ? (
            <Empty icon={KeyRound} title={t('keys.none')} />
          ) : (
            <Table
              caption={t('nav.apiKeys')}
              head={[
                t('keys.name'),
                t('keys.permissions'),
                t('people.validUntil'),
                t('keys.used'),
                t('common.actions'),
              ]}
            >
              {items.map((key) => (
                <tr key={key.id}>
                  <td className="font-medium">{key.name}</td>
                  <td>
                    <span className="flex flex-wrap gap-1">
                      {key.permissions.map((permission) => (
                        <Badge key={permission}>{named('permission', permission)}</Badge>
                      ))}
                    </span>
                  </td>
                  <td className="whitespace-nowrap">{format.date(key.valid_until)}</td>
                  <td className="whitespace-nowrap">{key.last_used_at ? format.ago(key.last_used_at) : '–'}</td>
                  <td className="w-0">
                    <Button look="danger" small onClick={() => setRevoking(key)}>
                      {t('people.revoke')}
                    </Button>
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Loaded>
      {making && <NewKey onClose={() => setMaking(false)} />}
      <Confirm
        title={t('keys.revokeTitle', { name: revoking?.name ?? '' })}
        action={t('people.revoke')}
        open={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        onConfirm={async () => revoking && revoke.mutateAsync(revoking.id)}
      >
        <p>{t('keys.revokeAbout')}</p>
      </Confirm>
    </Page>
  )
}

function NewKey({ onClose }: { onClose: () => void }) {
  const { t, named } = useI18n()
  const { can } = useOrganization()
  const table = usePermissions()
  const create = useCreateApiKey()
  const [name, setName] = useState('')
  const [days, setDays] = useState<number | undefined>(90)
  const [chosen, setChosen] = useState(new Set<Permission>())
  if (create.data) {
    return (
      <Dialog title={t('keys.new')} open onClose={onClose}>
        <div className="grid gap-4">
          <Notice tone="doubt">{t('keys.once')}</Notice>
          <CopyText label={create.data.api_key.name} text={create.data.key} />
          <Button onClick={onClose}>{t('common.done')}</Button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog title={t('keys.new')} open onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate({ name, days: days ?? 0, permissions: [...chosen] })
        }}
        className="grid gap-5"
      >
        <TextField
          label={t('keys.name')}
          hint={t('keys.nameHint')}
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
        />
        <NumberField label={t('keys.days')} value={days} onChange={setDays} required className="max-w-40" />
        <fieldset className="grid gap-2.5">
          <legend className="mb-2 text-sm font-medium">{t('keys.permissions')}</legend>
          <Loaded query={table}>
            {({ items }) =>
              items
                .filter((row) => can(row.permission))
                .map(({ permission, description }) => (
                  <CheckField
                    key={permission}
                    label={named('permission', permission)}
                    hint={named('permissionAbout', permission, description)}
                    checked={chosen.has(permission)}
                    onChange={() => setChosen((before) => toggled(before, permission))}
                  />
                ))
            }
          </Loaded>
        </fieldset>
        <FormError error={create.error} />
        <Button type="submit" busy={create.isPending} disabled={chosen.size === 0}>
          {t('keys.make')}
        </Button>
      </form>
    </Dialog>
  )
}
