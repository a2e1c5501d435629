import { Plus, UsersRound } from 'lucide-react'
import { useState } from 'react'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { Dialog } from '@/components/dialog'
import { TextField } from '@/components/field'
import { Empty, FormError, Loaded, Missing } from '@/components/states'
import { Page, Table } from '@/components/surface'
import { useI18n } from '@/i18n'
import { filledIn } from '@/lib/form'

import { useCreateTeam } from './api/use-create-team'
import { useDeleteTeam } from './api/use-delete-team'
import { useMembers } from './api/use-members'
import { useStudents } from './api/use-students'
import { useTeams } from './api/use-teams'
import { useUpdateTeam } from './api/use-update-team'
import { useOrganization } from './context'

type Team = Api<'Team'>
type Membership = Api<'Membership'>

/** Who is in a team isn't there yet: that is not to look as if nobody were. */
const UNKNOWN = '…'

const staffOf = (team: Team, members: Membership[]) =>
  members.filter((member) => member.teams.includes(team.id) && member.role !== 'student')
const namesOf = (members: Membership[]) => members.map((member) => member.name).join(', ') || '–'

/** Teams and classes: who sees whose assessments. */
export default function TeamsPage() {
  const { t, format } = useI18n()
  const { can } = useOrganization()
  const teams = useTeams()
  const members = useMembers()
  const students = useStudents()
  const [editing, setEditing] = useState<Team | 'new'>()
  const [deleting, setDeleting] = useState<Team>()
  const remove = useDeleteTeam()
  const mayManage = can('manage_teams')
  const add = (
    <Button onClick={() => setEditing('new')}>
      <Plus aria-hidden className="size-4" />
      {t('teams.new')}
    </Button>
  )
  return (
    <Page title={t('nav.teams')} about={t('teams.about')} actions={mayManage && add}>
      <Loaded query={teams}>
        {(items) =>
          items.length === 0 ? (
            <Empty icon={UsersRound} title={t('teams.none')}>
              {mayManage && add}
            </Empty>
          ) : (
            <div className="grid gap-4">
              <Missing query={members} />
              <Missing query={students} />
              <Table
                caption={t('nav.teams')}
                head={[t('teams.name'), t('teams.staff'), t('nav.students'), t('common.created'), t('common.actions')]}
              >
                {items.map((team) => (
                  <tr key={team.id}>
                    <td className="font-medium">{team.name}</td>
                    <td>{members.data ? namesOf(staffOf(team, members.data)) : UNKNOWN}</td>
                    <td className="tabular-nums">
                      {students.data
                        ? format.number(students.data.filter((it) => it.teams.includes(team.id)).length)
                        : UNKNOWN}
                    </td>
                    <td className="whitespace-nowrap">{format.date(team.created_at)}</td>
                    <td className="w-0">
                      {mayManage && (
                        <div className="flex gap-2">
                          <Button look="secondary" small onClick={() => setEditing(team)}>
                            {t('common.rename')}
                          </Button>
                          <Button look="danger" small onClick={() => setDeleting(team)}>
                            {t('common.delete')}
                          </Button>
                        </div>
                      )}
                    </td>
                  </tr>
                ))}
              </Table>
            </div>
          )
        }
      </Loaded>
      {editing && <TeamDialog team={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
      <Confirm
        title={t('teams.deleteTitle', { name: deleting?.name ?? '' })}
        action={t('common.delete')}
        open={deleting !== undefined}
        onClose={() => setDeleting(undefined)}
        onConfirm={async () => deleting && remove.mutateAsync(deleting.id)}
      >
        <p>{t('teams.deleteAbout')}</p>
      </Confirm>
    </Page>
  )
}

function TeamDialog({ team, onClose }: { team: Team | undefined; onClose: () => void }) {
  const { t } = useI18n()
  const create = useCreateTeam()
  const update = useUpdateTeam()
  const submit = (name: string) =>
    team
      ? update.mutate({ team: team.id, body: { name, version: team.version } }, { onSuccess: onClose })
      : create.mutate({ name }, { onSuccess: onClose })
  return (
    <Dialog title={team ? t('common.rename') : t('teams.new')} open onClose={onClose}>
      <form onSubmit={(event) => submit(filledIn(event).name ?? '')} className="grid gap-5">
        <TextField label={t('teams.name')} name="name" defaultValue={team?.name} maxLength={100} required autoFocus />
        <FormError error={create.error ?? update.error} />
        <Button type="submit" busy={create.isPending || update.isPending}>
          {t('common.save')}
        </Button>
      </form>
    </Dialog>
  )
}
