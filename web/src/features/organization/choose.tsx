import { Building2, Plus } from 'lucide-react'
import { useState } from 'react'
import { Link, Navigate, useNavigate } from 'react-router'

import { Button } from '@/components/button'
import { TextField } from '@/components/field'
import { Empty, FormError, Loaded } from '@/components/states'
import { Badge, Card, CardTitle, Page } from '@/components/surface'
import { useI18n } from '@/i18n'
import { filledIn } from '@/lib/form'

import { useCreateOrganization } from './api/use-create-organization'
import { useOrganizations } from './api/use-organizations'

/** Which organization: straight on if there is only one; the first is made here. */
export default function ChoosePage({ always }: { always?: boolean }) {
  const { t, named } = useI18n()
  const organizations = useOrganizations()
  const [making, setMaking] = useState(false)
  const first = organizations.data?.[0]
  if (!always && first && organizations.data?.length === 1)
    return <Navigate replace to={`/o/${first.organization.id}`} />
  return (
    <Page title={t('choose.title')}>
      <div className="grid max-w-2xl gap-5">
        <Loaded query={organizations} lines={2}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon={Building2} title={t('choose.none')}>
                <p>{t('choose.noneAbout')}</p>
              </Empty>
            ) : (
              <ul className="grid gap-3">
                {items.map(({ organization, membership }) => (
                  <li key={organization.id}>
                    <Link
                      to={`/o/${organization.id}`}
                      className="flex items-center justify-between gap-4 rounded-2xl border border-line bg-surface p-5 shadow-card hover:border-accent"
                    >
                      <span className="font-medium">{organization.name}</span>
                      <Badge>{named('role', membership.role)}</Badge>
                    </Link>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
        {making || organizations.data?.length === 0 ? (
          <NewOrganization />
        ) : (
          <Button look="secondary" onClick={() => setMaking(true)} className="justify-self-start">
            <Plus aria-hidden className="size-4" />
            {t('choose.new')}
          </Button>
        )}
      </div>
    </Page>
  )
}

function NewOrganization() {
  const { t } = useI18n()
  const create = useCreateOrganization()
  const navigate = useNavigate()
  return (
    <Card>
      <CardTitle>{t('choose.new')}</CardTitle>
      <form
        onSubmit={(event) =>
          create.mutate({ name: filledIn(event).name ?? '' }, { onSuccess: ({ id }) => void navigate(`/o/${id}`) })
        }
        className="grid gap-4"
      >
        <TextField label={t('settings.name')} hint={t('choose.nameHint')} name="name" maxLength={100} required />
        <FormError error={create.error} />
        <Button type="submit" busy={create.isPending} className="justify-self-start">
          {t('choose.make')}
        </Button>
      </form>
    </Card>
  )
}
