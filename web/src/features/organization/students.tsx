import { useVirtualizer } from '@tanstack/react-virtual'
import { FileUp, GraduationCap, Plus } from 'lucide-react'
import { useRef, useState } from 'react'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { Dialog } from '@/components/dialog'
import { SelectField, TextField } from '@/components/field'
import { Empty, FormError, Loaded } from '@/components/states'
import { Badge, Page } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useI18n } from '@/i18n'
import { filledIn } from '@/lib/form'

import { useCreateInvites } from './api/use-create-invites'
import { useCreateStudent } from './api/use-create-student'
import { useRemoveStudent } from './api/use-remove-student'
import { useStudents } from './api/use-students'
import { useTeams } from './api/use-teams'
import { useOrganization } from './context'
import { RosterImport } from './roster-import'

type Student = Api<'Student'>

/** The roster: search, add one, import many. */
export default function StudentsPage() {
  const { t } = useI18n()
  const { can } = useOrganization()
  const students = useStudents()
  const [search, setSearch] = useState('')
  const [open, setOpen] = useState<'one' | 'import'>()
  const mayManage = can('manage_members')
  const actions = mayManage && (
    <>
      <Button look="secondary" onClick={() => setOpen('one')}>
        <Plus aria-hidden className="size-4" />
        {t('students.add')}
      </Button>
      <Button onClick={() => setOpen('import')}>
        <FileUp aria-hidden className="size-4" />
        {t('students.import')}
      </Button>
    </>
  )
  const matches = (student: Student) =>
    `${student.name} ${student.number} ${student.email ?? ''}`.toLowerCase().includes(search.trim().toLowerCase())
  return (
    <Page title={t('nav.students')} about={t('students.about')} actions={actions}>
      <Loaded query={students} lines={6}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon={GraduationCap} title={t('students.none')}>
              {mayManage && <p>{t('students.noneAbout')}</p>}
            </Empty>
          ) : (
            <div className="grid gap-4">
              <TextField
                label={t('common.search')}
                type="search"
                value={search}
                onChange={(event) => setSearch(event.target.value)}
                className="max-w-sm"
              />
              {!all.some(matches) && <p className="text-sm text-ink-soft">{t('common.nothingFits')}</p>}
              <Rows students={all.filter(matches)} />
            </div>
          )
        }
      </Loaded>
      {open === 'one' && <StudentDialog onClose={() => setOpen(undefined)} />}
      {open === 'import' && <RosterImport onClose={() => setOpen(undefined)} />}
    </Page>
  )
}

const ROW = 64

function Rows({ students }: { students: Student[] }) {
  const { t, named, format } = useI18n()
  const { can } = useOrganization()
  const teams = useTeams()
  const names = new Map(teams.data?.map((team) => [team.id, team.name]))
  const invite = useCreateInvites()
  const remove = useRemoveStudent()
  const say = useSay()
  const [removing, setRemoving] = useState<Student>()
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: students.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  })
  const inviteOne = (student: Student) =>
    invite.mutate(
      { invites: [{ role: 'student', student: student.id }] },
      {
        onSuccess: ({ results }) => {
          const refused = results[0]?.refused
          say.done(refused ? `${student.name} ${named('refused', refused)}` : t('people.invited', { count: 1 }))
        },
        onError: say.failed,
      },
    )
  return (
    <>
      <p className="text-sm text-ink-soft" role="status">
        {t('students.count', { count: students.length })}
      </p>
      <div
        ref={box}
        tabIndex={0}
        role="region"
        aria-label={t('nav.students')}
        className="max-h-[65dvh] overflow-y-auto rounded-xl border border-line bg-surface"
      >
        <ul className="relative" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const student = students[row.index]
            if (!student) return null
            return (
              <li
                key={student.id}
                aria-setsize={students.length}
                aria-posinset={row.index + 1}
                className="absolute inset-x-0 flex items-center gap-4 border-b border-line px-4"
                style={{ height: ROW, transform: `translateY(${row.start}px)` }}
              >
                <span className="w-20 shrink-0 truncate text-sm text-ink-soft tabular-nums">{student.number}</span>
                <span className="min-w-0 flex-1">
                  <span className="block truncate text-sm font-medium">{student.name}</span>
                  <span className="block truncate text-sm text-ink-soft">{student.email}</span>
                </span>
                <span className="hidden max-w-40 truncate text-sm md:block">
                  {student.teams.map((team) => names.get(team) ?? '').join(', ')}
                </span>
                {student.user ? (
                  <Badge tone="right">{t('students.hasAccount')}</Badge>
                ) : (
                  can('manage_members') &&
                  student.email && (
                    <Button look="secondary" small className="hidden sm:inline-flex" onClick={() => inviteOne(student)}>
                      {t('people.inviteOne')}
                    </Button>
                  )
                )}
                {can('manage_members') && (
                  <Button
                    look="ghost"
                    small
                    aria-label={`${t('people.remove')}: ${student.name}`}
                    onClick={() => setRemoving(student)}
                  >
                    {t('people.remove')}
                  </Button>
                )}
              </li>
            )
          })}
        </ul>
      </div>
      <p className="text-xs text-ink-soft">
        {students[0] && t('students.since', { date: format.date(students[0].created_at) })}
      </p>
      <Confirm
        title={t('people.removeTitle', { name: removing?.name ?? '' })}
        action={t('people.remove')}
        open={removing !== undefined}
        onClose={() => setRemoving(undefined)}
        onConfirm={async () => removing && remove.mutateAsync(removing.id)}
      >
        <p>{t('students.removeAbout')}</p>
      </Confirm>
    </>
  )
}

function StudentDialog({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const teams = useTeams()
  const create = useCreateStudent()
  const submit = ({ name = '', number = '', email = '', team = '' }: Record<string, string>) =>
    create.mutate({ name, number, ...(email ? { email } : {}), teams: team ? [team] : [] }, { onSuccess: onClose })
  return (
    <Dialog title={t('students.add')} open onClose={onClose}>
      <form onSubmit={(event) => submit(filledIn(event))} className="grid gap-5">
        <TextField label={t('auth.name')} name="name" required autoFocus />
        <TextField label={t('students.number')} hint={t('students.numberHint')} name="number" required />
        <TextField label={t('students.emailIfAny')} name="email" type="email" />
        <SelectField label={t('teams.one')} name="team" defaultValue="">
          <option value="">–</option>
          {teams.data?.map((team) => (
            <option key={team.id} value={team.id}>
              {team.name}
            </option>
          ))}
        </SelectField>
        <FormError error={create.error} />
        <Button type="submit" busy={create.isPending}>
          {t('common.save')}
        </Button>
      </form>
    </Dialog>
  )
}
