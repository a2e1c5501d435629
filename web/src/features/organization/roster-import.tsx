import { useState } from 'react'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Dialog } from '@/components/dialog'
import { CheckField, SelectField } from '@/components/field'
import { FileDrop } from '@/components/file-drop'
import { FormError, Notice } from '@/components/states'
import { Badge, Table } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useI18n } from '@/i18n'

import { useCommitRosterImport } from './api/use-commit-roster-import'
import { usePreviewRosterImport } from './api/use-preview-roster-import'
import { useTeams } from './api/use-teams'

/** Importing a roster: first what it would change, line by line, then the same or nothing. */
export function RosterImport({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const say = useSay()
  const preview = usePreviewRosterImport()
  const commit = useCommitRosterImport()
  const found = preview.data
  const done = () =>
    found &&
    commit.mutate(found.import.id, {
      onSuccess: () => {
        say.done(t('roster.done'))
        onClose()
      },
    })
  return (
    <Dialog title={t('students.import')} open onClose={onClose} wide>
      {found ? (
        <div className="grid gap-4">
          <Preview found={found} />
          <FormError error={commit.error} />
          <div className="flex flex-wrap justify-end gap-2">
            <Button look="ghost" onClick={() => preview.reset()}>
              {t('roster.otherFile')}
            </Button>
            <Button busy={commit.isPending} disabled={isNothing(found.import.counts)} onClick={done}>
              {t('roster.commit')}
            </Button>
          </div>
        </div>
      ) : (
        <Choose busy={preview.isPending} error={preview.error} onChoose={preview.mutate} />
      )}
    </Dialog>
  )
}

const isNothing = (counts: Api<'RosterCounts'>) =>
  counts.added + counts.changed + counts.removed + counts.new_teams === 0

type ChooseProps = {
  busy: boolean
  error: unknown
  onChoose: (upload: { file: Blob; team?: string; remove_missing?: boolean }) => void
}

function Choose({ busy, error, onChoose }: ChooseProps) {
  const { t } = useI18n()
  const teams = useTeams()
  const [team, setTeam] = useState('')
  const [complete, setComplete] = useState(false)
  return (
    <div className="grid gap-5">
      <p className="text-sm text-ink-soft">{t('roster.about')}</p>
      <SelectField
        label={t('roster.team')}
        value={team}
        onChange={(event) => setTeam(event.target.value)}
        className="max-w-sm"
      >
        <option value="">–</option>
        {teams.data?.map((team) => (
          <option key={team.id} value={team.id}>
            {team.name}
          </option>
        ))}
      </SelectField>
      <CheckField
        label={t('roster.complete')}
        hint={t('roster.completeHint')}
        checked={complete}
        onChange={(event) => setComplete(event.target.checked)}
      />
      <FileDrop
        label={t('roster.drop')}
        accept=".csv,.txt,.tsv,text/csv"
        busy={busy}
        onFiles={([file]) =>
          file && onChoose({ file, ...(team ? { team } : {}), ...(complete ? { remove_missing: true } : {}) })
        }
      />
      <FormError error={error} />
    </div>
  )
}

function Preview({ found }: { found: Api<'PreviewedImport'> }) {
  const { t, said } = useI18n()
  const { counts } = found.import
  const { added, changed, removed, notes, new_teams } = found.diff
  const teams = useTeams()
  const names = new Map([...(teams.data ?? []), ...new_teams].map((team) => [team.id, team.name]))
  const teamsOf = (ids: string[]) => ids.map((id) => names.get(id) ?? '').join(', ') || '–'
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <Badge tone="right">{t('roster.added', { count: counts.added })}</Badge>
        <Badge tone="info">{t('roster.changed', { count: counts.changed })}</Badge>
        <Badge tone={counts.removed ? 'wrong' : 'plain'}>{t('roster.removed', { count: counts.removed })}</Badge>
        <Badge>{t('roster.unchanged', { count: counts.unchanged })}</Badge>
        {new_teams.map((team) => (
          <Badge key={team.id} tone="accent">
            {t('roster.newTeam', { name: team.name })}
          </Badge>
        ))}
      </div>
      {notes.map((note) => (
        <Notice key={`${note.line}${note.text}`} tone="doubt">
          {t('roster.line', { line: note.line })}: {said(note.text)}
        </Notice>
      ))}
      {isNothing(counts) && <Notice>{t('roster.nothing')}</Notice>}
      <div className="max-h-80 overflow-y-auto">
        <Table
          caption={t('roster.preview')}
          head={[t('roster.change'), t('students.number'), t('auth.name'), t('auth.email'), t('nav.teams')]}
        >
          {added.map((one) => (
            <tr key={one.id}>
              <td>
                <Badge tone="right">{t('roster.new')}</Badge>
              </td>
              <td className="tabular-nums">{one.number}</td>
              <td>{one.name}</td>
              <td>{one.email ?? '–'}</td>
              <td>{teamsOf(one.teams)}</td>
            </tr>
          ))}
          {changed.map((one) => (
            <tr key={one.id}>
              <td>
                <Badge tone="info">{t('roster.change')}</Badge>
              </td>
              <td className="tabular-nums">{one.number}</td>
              <td>{one.name ? <Change {...one.name} /> : '–'}</td>
              <td>{one.email ? <Change {...one.email} /> : '–'}</td>
              <td>
                {one.teams ? <Change before={teamsOf(one.teams.before)} after={teamsOf(one.teams.after)} /> : '–'}
              </td>
            </tr>
          ))}
          {removed.map((one) => (
            <tr key={one.id}>
              <td>
                <Badge tone="wrong">{t('roster.gone')}</Badge>
              </td>
              <td className="tabular-nums">{one.number}</td>
              <td>{one.name}</td>
              <td>–</td>
              <td>–</td>
            </tr>
          ))}
        </Table>
      </div>
    </>
  )
}

const Change = ({ before, after }: Api<'RosterTextChange'>) => (
  <>
    <del className="text-ink-soft">{before}</del> <ins className="no-underline">{after}</ins>
  </>
)
