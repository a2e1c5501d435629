import { ClipboardList, Plus } from 'lucide-react'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'

import { Button } from '@/components/button'
import { Dialog } from '@/components/dialog'
import { SelectField, TextField } from '@/components/field'
import { Empty, FormError, Loaded } from '@/components/states'
import { Badge, Page, Table } from '@/components/surface'
import { useTeams } from '@/features/organization/api/use-teams'
import { useOrganization } from '@/features/organization/context'
import { useI18n } from '@/i18n'
import { filledIn } from '@/lib/form'

import { useAssessments } from './api/use-assessments'
import { useCreateAssessment } from './api/use-create-assessment'

/** All assessments, the newest first. */
export default function AssessmentsPage() {
  const { t, format } = useI18n()
  const { can, organization } = useOrganization()
  const assessments = useAssessments()
  const teams = useTeams()
  const [making, setMaking] = useState(false)
  const [search, setSearch] = useState('')
  const names = new Map(teams.data?.map((team) => [team.id, team.name]))
  const add = can('manage_assessments') && (
    <Button onClick={() => setMaking(true)}>
      <Plus aria-hidden className="size-4" />
      {t('assessments.new')}
    </Button>
  )
  return (
    <Page title={t('nav.assessments')} actions={add}>
      <Loaded query={assessments}>
        {(items) => {
          if (items.length === 0) {
            return (
              <Empty icon={ClipboardList} title={t('assessments.none')}>
                <p>{t('assessments.noneAbout')}</p>
                {add}
              </Empty>
            )
          }
          const wanted = search.trim().toLowerCase()
          const shown = items
            .filter((item) => item.title.toLowerCase().includes(wanted))
            .toSorted((a, b) => b.created_at.localeCompare(a.created_at))
          return (
            <div className="grid gap-4">
              <TextField
                label={t('common.search')}
                type="search"
                value={search}
                onChange={(event) => setSearch(event.target.value)}
                className="max-w-sm"
              />
              {shown.length === 0 && <p className="text-sm text-ink-soft">{t('common.nothingFits')}</p>}
              <Table
                caption={t('nav.assessments')}
                head={[
                  t('assessments.title'),
                  t('teams.one'),
                  t('assessments.guide'),
                  t('assessments.released'),
                  t('common.created'),
                ]}
              >
                {shown.map((item) => (
                  <tr key={item.id}>
                    <td className="min-w-44">
                      <Link
                        to={`/o/${organization.id}/assessments/${item.id}`}
                        className="font-medium underline-offset-4 hover:underline"
                      >
                        {item.title}
                      </Link>
                    </td>
                    <td>{item.team ? names.get(item.team) : '–'}</td>
                    <td>
                      {item.guides.length > 0 ? (
                        t('guide.version', { version: item.guides.at(-1)?.version ?? 0 })
                      ) : (
                        <Badge tone="doubt">{t('guide.missing')}</Badge>
                      )}
                    </td>
                    <td>
                      {item.release && !item.release.withdrawn_at ? (
                        <Badge tone="right">{format.date(item.release.released_at)}</Badge>
                      ) : (
                        '–'
                      )}
                    </td>
                    <td className="whitespace-nowrap">{format.date(item.created_at)}</td>
                  </tr>
                ))}
              </Table>
            </div>
          )
        }}
      </Loaded>
      {making && <NewAssessment onClose={() => setMaking(false)} />}
    </Page>
  )
}

function NewAssessment({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const { organization, scope, membership } = useOrganization()
  const teams = useTeams()
  const create = useCreateAssessment()
  const navigate = useNavigate()
  const everywhere = scope('manage_assessments') === 'organization'
  const own = teams.data?.filter((team) => everywhere || membership.teams.includes(team.id)) ?? []
  const submit = ({ title = '', team = '' }: Record<string, string>) =>
    create.mutate(
      { title, ...(team ? { team } : {}) },
      { onSuccess: ({ id }) => void navigate(`/o/${organization.id}/assessments/${id}/guide`) },
    )
  return (
    <Dialog title={t('assessments.new')} open onClose={onClose}>
      <form onSubmit={(event) => submit(filledIn(event))} className="grid gap-5">
        <TextField label={t('assessments.title')} name="title" maxLength={200} required autoFocus />
        {own.length > 0 && (
          <SelectField label={t('teams.one')} hint={t('assessments.teamHint')} name="team" defaultValue="">
            <option value="">{t('assessments.noTeam')}</option>
            {own.map((team) => (
              <option key={team.id} value={team.id}>
                {team.name}
              </option>
            ))}
          </SelectField>
        )}
        <FormError error={create.error} />
        <Button type="submit" busy={create.isPending}>
          {t('assessments.make')}
        </Button>
      </form>
    </Dialog>
  )
}
