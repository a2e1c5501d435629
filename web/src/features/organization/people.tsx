import { Ellipsis, MailPlus, UserRound } from 'lucide-react'
import { useState } from 'react'

import type { Api } from '@/api/types'
import { Button, IconButton } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { Dialog } from '@/components/dialog'
import { CheckField, SelectField, TextArea } from '@/components/field'
import { Menu, MenuItem, MenuLabel, MenuLine } from '@/components/menu'
import { Empty, FormError, Loaded, Notice } from '@/components/states'
import { Badge, Card, CardTitle, Page, Table } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useUserId } from '@/features/auth/context'
import { useI18n } from '@/i18n'
import { toggled } from '@/lib/toggled'

import { useAddTeamMember } from './api/use-add-team-member'
import { useCreateInvites } from './api/use-create-invites'
import { useInvites } from './api/use-invites'
import { useMembers } from './api/use-members'
import { useRemoveMember } from './api/use-remove-member'
import { useRemoveTeamMember } from './api/use-remove-team-member'
import { useResendInvite } from './api/use-resend-invite'
import { useRevokeInvite } from './api/use-revoke-invite'
import { useTeams } from './api/use-teams'
import { useUpdateMember } from './api/use-update-member'
import { Allowed, useOrganization } from './context'

type Role = Api<'Role'>
type Membership = Api<'Membership'>
const STAFF: Role[] = ['owner', 'admin', 'teacher', 'grader', 'auditor']

/** Who is in the organization, as what, and who is invited. */
export default function PeoplePage() {
  const { t } = useI18n()
  const { can } = useOrganization()
  const [inviting, setInviting] = useState(false)
  return (
    <Page
      title={t('nav.people')}
      about={t('people.about')}
      actions={
        can('manage_members') && (
          <Button onClick={() => setInviting(true)}>
            <MailPlus aria-hidden className="size-4" />
            {t('people.invite')}
          </Button>
        )
      }
    >
      <div className="grid gap-6">
        <Members />
        <Allowed to="manage_members">
          <Invites />
        </Allowed>
      </div>
      <InviteDialog key={String(inviting)} open={inviting} onClose={() => setInviting(false)} />
    </Page>
  )
}

function Members() {
  const { t, named, format } = useI18n()
  const { can } = useOrganization()
  const members = useMembers()
  const teams = useTeams()
  const own = useUserId()
  const names = new Map(teams.data?.map((team) => [team.id, team.name]))
  return (
    <Card>
      <CardTitle>{t('people.members')}</CardTitle>
      <Loaded query={members}>
        {(items) => (
          <Table
            caption={t('people.members')}
            head={[t('auth.name'), t('people.role'), t('nav.teams'), t('people.since'), t('common.actions')]}
          >
            {items.map((member) => (
              <tr key={member.user}>
                <td>
                  <p className="font-medium">
                    {member.name} {member.user === own && <Badge tone="accent">{t('people.you')}</Badge>}
                  </p>
                  <p className="text-ink-soft">{member.email}</p>
                </td>
                <td>
                  <span className="flex flex-wrap gap-1">
                    {named('role', member.role)}
                    {member.disabled && <Badge tone="wrong">{t('people.disabled')}</Badge>}
                  </span>
                </td>
                <td>{member.teams.map((team) => names.get(team) ?? team).join(', ') || '–'}</td>
                <td className="whitespace-nowrap">{format.date(member.joined_at)}</td>
                <td className="w-0">
                  {can('manage_members') && member.user !== own && (
                    <MemberMenu member={member} teams={teams.data ?? []} />
                  )}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Loaded>
    </Card>
  )
}

function MemberMenu({ member, teams }: { member: Membership; teams: Api<'Team'>[] }) {
  const { t } = useI18n()
  const [editing, setEditing] = useState(false)
  const [removing, setRemoving] = useState(false)
  const update = useUpdateMember()
  const remove = useRemoveMember()
  const say = useSay()
  const { version, disabled, user } = member
  return (
    <>
      <Menu
        trigger={
          <IconButton label={t('common.actionsFor', { name: member.name })}>
            <Ellipsis aria-hidden className="size-5" />
          </IconButton>
        }
      >
        <MenuLabel>{member.name}</MenuLabel>
        <MenuItem onSelect={() => setEditing(true)}>{t('people.change')}</MenuItem>
        <MenuItem
          onSelect={() =>
            update.mutate({ user, body: { disabled: !disabled, version } }, { onError: (error) => say.failed(error) })
          }
        >
          {t(disabled ? 'people.enable' : 'people.disable')}
        </MenuItem>
        <MenuLine />
        <MenuItem danger onSelect={() => setRemoving(true)}>
          {t('people.remove')}
        </MenuItem>
      </Menu>
      {editing && <MemberDialog member={member} teams={teams} onClose={() => setEditing(false)} />}
      <Confirm
        title={t('people.removeTitle', { name: member.name })}
        action={t('people.remove')}
        open={removing}
        onClose={() => setRemoving(false)}
        onConfirm={() => remove.mutateAsync(user)}
      >
        <p>{t('people.removeAbout')}</p>
      </Confirm>
    </>
  )
}

function MemberDialog({ member, teams, onClose }: { member: Membership; teams: Api<'Team'>[]; onClose: () => void }) {
  const { t, named } = useI18n()
  const { membership } = useOrganization()
  const [role, setRole] = useState(member.role)
  const [chosen, setChosen] = useState(new Set(member.teams))
  const update = useUpdateMember()
  const add = useAddTeamMember()
  const remove = useRemoveTeamMember()
  const [error, setError] = useState<unknown>()
  const { user, version } = member
  const roles = STAFF.filter((role) => role !== 'owner' || membership.role === 'owner')
  const save = async () => {
    try {
      if (role !== member.role) await update.mutateAsync({ user, body: { role, version } })
      for (const { id: team } of teams) {
        const [before, after] = [member.teams.includes(team), chosen.has(team)]
        if (!before && after) await add.mutateAsync({ team, user })
        if (before && !after) await remove.mutateAsync({ team, user })
      }
      onClose()
    } catch (problem) {
      setError(problem)
    }
  }
  return (
    <Dialog title={member.name} open onClose={onClose}>
      <div className="grid gap-5">
        <SelectField
          label={t('people.role')}
          value={role}
          onChange={(event) => setRole(event.target.value as Role)}
          disabled={member.role === 'student'}
        >
          {[...(member.role === 'student' ? (['student'] as const) : roles)].map((role) => (
            <option key={role} value={role}>
              {named('role', role)}
            </option>
          ))}
        </SelectField>
        {teams.length > 0 && (
          <fieldset className="grid gap-2">
            <legend className="mb-2 text-sm font-medium">{t('nav.teams')}</legend>
            {teams.map((team) => (
              <CheckField
                key={team.id}
                label={team.name}
                checked={chosen.has(team.id)}
                onChange={() => setChosen((before) => toggled(before, team.id))}
              />
            ))}
          </fieldset>
        )}
        <FormError error={error} />
        <Button onClick={() => void save()} busy={update.isPending || add.isPending || remove.isPending}>
          {t('common.save')}
        </Button>
      </div>
    </Dialog>
  )
}

function Invites() {
  const { t, named, format } = useI18n()
  const invites = useInvites()
  const resend = useResendInvite()
  const revoke = useRevokeInvite()
  const say = useSay()
  return (
    <Card>
      <CardTitle>{t('people.invites')}</CardTitle>
      <Loaded query={invites} lines={2}>
        {(all) => {
          const pending = all.filter((invite) => invite.state === 'pending')
          if (pending.length === 0) return <Empty icon={UserRound} title={t('people.noInvites')} />
          return (
            <Table
              caption={t('people.invites')}
              head={[t('auth.email'), t('people.role'), t('people.validUntil'), t('common.actions')]}
            >
              {pending.map((invite) => (
                <tr key={invite.id}>
                  <td className="font-medium">{invite.email}</td>
                  <td>{named('role', invite.role)}</td>
                  <td className="whitespace-nowrap">{format.time(invite.valid_until)}</td>
                  <td className="w-0">
                    <div className="flex gap-2">
                      <Button
                        look="secondary"
                        small
                        busy={resend.isPending && resend.variables === invite.id}
                        onClick={() =>
                          resend.mutate(invite.id, {
                            onSuccess: () => say.done(t('people.sentAgain')),
                            onError: say.failed,
                          })
                        }
                      >
                        {t('people.resend')}
                      </Button>
                      <Button
                        look="danger"
                        small
                        busy={revoke.isPending && revoke.variables === invite.id}
                        onClick={() => revoke.mutate(invite.id, { onError: say.failed })}
                      >
                        {t('people.revoke')}
                      </Button>
                    </div>
                  </td>
                </tr>
              ))}
            </Table>
          )
        }}
      </Loaded>
    </Card>
  )
}

function InviteDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t, named } = useI18n()
  const { membership } = useOrganization()
  const teams = useTeams()
  const create = useCreateInvites()
  const [emails, setEmails] = useState('')
  const [role, setRole] = useState<Role>('grader')
  const [chosen, setChosen] = useState(new Set<string>())
  const addresses = [...new Set(emails.split(/[\s,;]+/).filter(Boolean))]
  const roles = STAFF.filter((role) => role !== 'owner' || membership.role === 'owner')
  const send = () => create.mutate({ invites: addresses.map((email) => ({ email, role, teams: [...chosen] })) })
  const refused = create.data?.results
    .map((result, i) => ({ email: addresses[i], reason: result.refused }))
    .filter((result) => result.reason)
  return (
    <Dialog title={t('people.invite')} open={open} onClose={onClose}>
      {create.data ? (
        <div className="grid gap-4">
          <Notice tone="right">
            {t('people.invited', { count: create.data.results.length - (refused?.length ?? 0) })}
          </Notice>
          {refused?.map(({ email, reason }) => (
            <Notice key={email} tone="doubt">
              {email}: {named('refused', reason ?? '')}
            </Notice>
          ))}
          <Button onClick={onClose}>{t('common.done')}</Button>
        </div>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            send()
          }}
          className="grid gap-5"
        >
          <TextArea
            label={t('people.emails')}
            hint={t('people.emailsHint')}
            value={emails}
            onChange={(event) => setEmails(event.target.value)}
            required
          />
          <SelectField label={t('people.role')} value={role} onChange={(event) => setRole(event.target.value as Role)}>
            {roles.map((role) => (
              <option key={role} value={role}>
                {named('role', role)}
              </option>
            ))}
          </SelectField>
          <p className="-mt-3 text-sm text-ink-soft">{named('roleAbout', role)}</p>
          {(teams.data?.length ?? 0) > 0 && (
            <fieldset className="grid gap-2">
              <legend className="mb-2 text-sm font-medium">{t('nav.teams')}</legend>
              {teams.data?.map((team) => (
                <CheckField
                  key={team.id}
                  label={team.name}
                  checked={chosen.has(team.id)}
                  onChange={() => setChosen((before) => toggled(before, team.id))}
                />
              ))}
            </fieldset>
          )}
          <FormError error={create.error} />
          <Button type="submit" busy={create.isPending} disabled={addresses.length === 0}>
            {t('people.send', { count: addresses.length })}
          </Button>
        </form>
      )}
    </Dialog>
  )
}
