import { Eraser } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'react-router'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { NumberField, SelectField } from '@/components/field'
import { Empty, FormError, Loaded } from '@/components/states'
import { Badge, Card, CardTitle, Page, Table } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useMembers } from '@/features/organization/api/use-members'
import { useStudents } from '@/features/organization/api/use-students'
import { Allowed, useOrgId } from '@/features/organization/context'
import { useI18n } from '@/i18n'

import { useCancelOrgErasure } from './api/use-cancel-org-erasure'
import { useOrgErasures } from './api/use-org-erasures'
import { useOrgExports } from './api/use-org-exports'
import { usePlanOrgErasure } from './api/use-plan-org-erasure'
import { useRequestOrgErasure } from './api/use-request-org-erasure'
import { useRequestOrgExport } from './api/use-request-org-export'
import { useRetention } from './api/use-retention'
import { useSetRetention } from './api/use-set-retention'
import { Counts } from './counts'
import { Exports } from './exports'

/** Privacy in an organization; everybody finds the way to their own data here. */
export default function PrivacyPage() {
  const { t } = useI18n()
  return (
    <Page title={t('nav.privacy')}>
      <div className="grid gap-5">
        <Card>
          <CardTitle>{t('privacy.own')}</CardTitle>
          <p className="text-sm text-ink-soft">
            {t('privacy.ownAbout')}{' '}
            <Link to="/privacy" className="text-accent underline underline-offset-4">
              {t('privacy.toOwn')}
            </Link>
          </p>
        </Card>
        <Allowed to="manage_privacy">
          <RetentionCard />
          <ExportsCard />
          <ErasuresCard />
        </Allowed>
      </div>
    </Page>
  )
}

type Period = keyof Api<'Periods'>
/** As docs/privacy.md has them: at least, at most. */
const PERIODS: [Period, number][] = [
  ['pages', 7],
  ['readings', 7],
  ['feedback', 30],
  ['submissions', 30],
  ['students', 30],
  ['exports', 1],
]
const MOST_DAYS = 3653

function RetentionCard() {
  const { t } = useI18n()
  const retention = useRetention()
  return (
    <Card>
      <CardTitle>{t('retention.title')}</CardTitle>
      <p className="mb-4 max-w-prose text-sm text-ink-soft">{t('retention.about')}</p>
      <Loaded query={retention} lines={3}>
        {(found) => <RetentionForm key={found.version} retention={found} />}
      </Loaded>
    </Card>
  )
}

function RetentionForm({ retention }: { retention: Api<'Retention'> }) {
  const { t, named } = useI18n()
  const say = useSay()
  const save = useSetRetention()
  const [days, setDays] = useState<Api<'Periods'>>(retention.days)
  return (
    <form
      className="grid gap-5"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate({ days, version: retention.version }, { onSuccess: () => say.done(t('common.saved')) })
      }}
    >
      <div className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {PERIODS.map(([period, least]) => (
          <NumberField
            key={period}
            label={named('retention', period)}
            hint={t('retention.range', { least, most: MOST_DAYS })}
            value={days[period] ?? undefined}
            placeholder={t('retention.forever')}
            onChange={(value) => setDays((before) => ({ ...before, [period]: value ?? null }))}
          />
        ))}
      </div>
      <FormError error={save.error} />
      <Button type="submit" look="secondary" busy={save.isPending} className="justify-self-start">
        {t('common.save')}
      </Button>
    </form>
  )
}

/** A member or a student, or with `whole` everybody. */
function useWhom() {
  const { t } = useI18n()
  const members = useMembers()
  const students = useStudents()
  const [value, setValue] = useState('')
  const name = (it: { user?: string | null; student?: string | null }) =>
    members.data?.find((member) => member.user === it.user)?.name ??
    students.data?.find((student) => student.id === it.student)?.name ??
    it.user ??
    it.student ??
    t('privacy.whole')
  const whom: Api<'Whom'> = value.startsWith('usr_') ? { user: value } : value ? { student: value } : {}
  const options = (
    <>
      <optgroup label={t('people.members')}>
        {members.data?.map((it) => (
          <option key={it.user} value={it.user}>
            {it.name}
          </option>
        ))}
      </optgroup>
      <optgroup label={t('nav.students')}>
        {students.data?.map((it) => (
          <option key={it.id} value={it.id}>
            {it.name} ({it.number})
          </option>
        ))}
      </optgroup>
    </>
  )
  return { value, setValue, whom, name, options }
}

function ExportsCard() {
  const { t } = useI18n()
  const org = useOrgId()
  const exports = useOrgExports()
  const request = useRequestOrgExport()
  const { value, setValue, whom, name, options } = useWhom()
  return (
    <Card>
      <CardTitle>{t('privacy.exports')}</CardTitle>
      <p className="mb-4 max-w-prose text-sm text-ink-soft">{t('privacy.exportsAbout')}</p>
      <div className="flex flex-wrap items-end gap-4">
        <SelectField label={t('privacy.ofWhom')} value={value} onChange={(event) => setValue(event.target.value)}>
          <option value="">{t('privacy.whole')}</option>
          {options}
        </SelectField>
        <Button look="secondary" busy={request.isPending} onClick={() => request.mutate(whom)}>
          {t('privacy.ask')}
        </Button>
      </div>
      <div className="mt-4 grid gap-4">
        <FormError error={request.error} />
        <Loaded query={exports} lines={1}>
          {(items) => <Exports items={items} org={org} about={name} />}
        </Loaded>
      </div>
    </Card>
  )
}

function ErasuresCard() {
  const { t, named, format } = useI18n()
  const erasures = useOrgErasures()
  const plan = usePlanOrgErasure()
  const request = useRequestOrgErasure()
  const cancel = useCancelOrgErasure()
  const say = useSay()
  const { value, setValue, whom, name, options } = useWhom()
  const [asking, setAsking] = useState(false)
  return (
    <Card>
      <CardTitle>{t('privacy.erasures')}</CardTitle>
      <p className="mb-4 max-w-prose text-sm text-ink-soft">{t('privacy.erasuresAbout')}</p>
      <div className="flex flex-wrap items-end gap-4">
        <SelectField label={t('privacy.ofWhom')} value={value} onChange={(event) => setValue(event.target.value)}>
          <option value="">–</option>
          {options}
        </SelectField>
        <Button
          look="danger"
          busy={plan.isPending}
          disabled={!value}
          onClick={() => plan.mutate(whom, { onSuccess: () => setAsking(true), onError: say.failed })}
        >
          {t('privacy.erasePerson')}
        </Button>
      </div>
      <div className="mt-4">
        <Loaded query={erasures} lines={1}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon={Eraser} title={t('privacy.noErasures')} />
            ) : (
              <Table
                caption={t('privacy.erasures')}
                head={[
                  t('privacy.ofWhom'),
                  t('privacy.requested'),
                  t('privacy.due'),
                  t('assessments.state'),
                  t('common.actions'),
                ]}
              >
                {items.map((it) => (
                  <tr key={it.id}>
                    <td>{name(it)}</td>
                    <td className="whitespace-nowrap">{format.date(it.requested_at)}</td>
                    <td className="whitespace-nowrap">{format.date(it.due_at)}</td>
                    <td>
                      <Badge tone={it.state === 'pending' ? 'doubt' : 'plain'}>{named('erasure', it.state)}</Badge>
                    </td>
                    <td className="w-0">
                      {it.state === 'pending' && (
                        <Button look="secondary" small onClick={() => cancel.mutate(it.id, { onError: say.failed })}>
                          {t('privacy.cancel')}
                        </Button>
                      )}
                    </td>
                  </tr>
                ))}
              </Table>
            )
          }
        </Loaded>
      </div>
      <Confirm
        title={t('privacy.eraseTitle', { name: name(whom) })}
        action={t('privacy.erasePerson')}
        open={asking}
        onClose={() => setAsking(false)}
        onConfirm={() => request.mutateAsync(whom)}
      >
        <p>{t('privacy.erasePersonAbout', { days: plan.data?.grace_days ?? 7 })}</p>
        {plan.data && <Counts {...plan.data} />}
      </Confirm>
    </Card>
  )
}
