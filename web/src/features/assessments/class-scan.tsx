import { Ellipsis, Files, Printer } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'react-router'

import type { Api } from '@/api/types'
import { Button, IconButton } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { NumberField, SelectField } from '@/components/field'
import { FileDrop } from '@/components/file-drop'
import { Menu, MenuItem } from '@/components/menu'
import { FormError, Loaded, Notice } from '@/components/states'
import { Badge, Card, CardTitle } from '@/components/surface'
import { useTeams } from '@/features/organization/api/use-teams'
import { useUserId } from '@/features/auth/context'
import { useOrgId } from '@/features/organization/context'
import { useI18n } from '@/i18n'

import { useClassScans } from './api/use-class-scans'
import { useDeleteClassScan } from './api/use-delete-class-scan'
import { useSeparators } from './api/use-separators'
import { useShown } from './frame'
import { contentType, MOST_BYTES } from './grouping'
import { counted, tilesOf, type Tile } from './pages'
import { Thumbnails } from './thumbnails'
import { uploads } from './uploads'

const ACCEPT = '.pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png'
const MOST_SHEETS = 1000

type Scan = Api<'ClassScan'>

type Chosen = { tiles: Tile[]; onChange: (change: (tiles: Tile[]) => Tile[]) => void }

/** One scan of the whole class: sheets to put between the scripts, the scan itself, and what has become of it. */
export function ClassScanUpload({ tiles, onChange }: Chosen) {
  const { t } = useI18n()
  const [leftOut, setLeftOut] = useState<string[]>([])
  const add = (files: File[]) => {
    const isScan = (file: File) =>
      file.size > 0 && file.size <= MOST_BYTES && ![undefined, 'text/plain'].includes(contentType(file))
    const good = files.filter(isScan)
    setLeftOut(files.filter((file) => !isScan(file) && !file.name.startsWith('.')).map((file) => file.name))
    const ordered = good.toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
    onChange((all) => [...all, ...tilesOf(ordered)])
  }
  return (
    <Card>
      <CardTitle>{t('scan.title')}</CardTitle>
      <div className="grid gap-5">
        <p className="max-w-prose text-sm text-ink-soft">{t('scan.about')}</p>
        <Sheets />
        <FileDrop label={t('scan.drop')} accept={ACCEPT} multiple onFiles={add} />
        {leftOut.length > 0 && <Notice tone="doubt">{t('scan.leftOut', { files: leftOut.join(', ') })}</Notice>}
        {tiles.length > 0 && <ChosenScan tiles={tiles} onChange={onChange} />}
        <Scans />
      </div>
    </Card>
  )
}

/** The files of a scan, to be looked through before they are sent. */
function ChosenScan({ tiles, onChange }: Chosen) {
  const { t } = useI18n()
  const { assessment } = useShown()
  const org = useOrgId()
  const user = useUserId()
  const send = () => {
    const files = tiles.map(({ file }) => ({
      name: file.name,
      type: contentType(file) ?? ('application/pdf' as const),
      content: file,
    }))
    const id = crypto.randomUUID()
    onChange(() => [])
    void uploads.add([{ id, kind: 'class', user, org, assessment: assessment.id, name: '', number: '', files }])
  }
  return (
    <div className="grid gap-3 rounded-xl bg-sunken p-4">
      <p className="text-sm text-ink-soft">{t('scan.check')}</p>
      <Thumbnails
        tiles={tiles}
        onChange={onChange}
        onCount={(id, pages) => onChange((all) => counted(all, id, pages))}
      />
      <div className="flex flex-wrap gap-2">
        <Button onClick={send}>{t('scan.send')}</Button>
        <Button look="secondary" onClick={() => onChange(() => [])}>
          {t('scan.clear')}
        </Button>
      </div>
    </div>
  )
}

/** The sheets, as a PDF that the browser opens to print. */
function Sheets() {
  const { t } = useI18n()
  const { assessment } = useShown()
  const teams = useTeams()
  const separators = useSeparators(assessment.id)
  const [whose, setWhose] = useState('students')
  const [blank, setBlank] = useState<number>()
  const isBlank = whose === 'blank'
  const fits = !isBlank || (blank !== undefined && Number.isInteger(blank) && blank >= 1 && blank <= MOST_SHEETS)
  const print = () =>
    separators.mutate(isBlank ? { blank } : whose === 'students' ? {} : { team: whose }, {
      onSuccess: (sheets) => {
        const link = document.createElement('a')
        link.href = URL.createObjectURL(sheets as unknown as Blob)
        link.download = `${assessment.title}.pdf`
        link.click()
        URL.revokeObjectURL(link.href)
      },
    })
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-end gap-3">
        <SelectField
          label={t('scan.sheetsFor')}
          value={whose}
          onChange={(event) => setWhose(event.target.value)}
          className="min-w-52"
        >
          <option value="students">{t('scan.students')}</option>
          {teams.data?.map((team) => (
            <option key={team.id} value={team.id}>
              {team.name}
            </option>
          ))}
          <option value="blank">{t('scan.blank')}</option>
        </SelectField>
        {isBlank && <NumberField label={t('scan.howMany')} value={blank} onChange={setBlank} className="w-28" />}
        <Button look="secondary" busy={separators.isPending} disabled={!fits} onClick={print}>
          <Printer aria-hidden className="size-4" />
          {t('scan.print')}
        </Button>
      </div>
      <FormError error={separators.error} />
    </div>
  )
}

/** What has been scanned so far, and what has become of it. */
function Scans() {
  const { t } = useI18n()
  const { assessment } = useShown()
  const scans = useClassScans(assessment.id)
  return (
    <Loaded query={scans} lines={1}>
      {(items) =>
        items.length > 0 && (
          <ul className="grid gap-3" aria-label={t('scan.scans')}>
            {items.toReversed().map((scan) => (
              <Row key={scan.id} scan={scan} />
            ))}
          </ul>
        )
      }
    </Loaded>
  )
}

const TONES = { awaiting_upload: 'plain', splitting: 'info', split: 'right', failed: 'wrong' } as const

function Row({ scan }: { scan: Scan }) {
  const { t, named, said, format } = useI18n()
  const org = useOrgId()
  const [deleting, setDeleting] = useState(false)
  const remove = useDeleteClassScan(scan.assessment)
  const files = Object.values(scan.files)
  const looked = files.filter((file) => file.state === 'read' || file.state === 'failed').length
  const name = t('scan.of', { time: format.time(scan.created_at) })
  return (
    <li className="flex flex-wrap items-center gap-3 rounded-xl bg-sunken p-3">
      <Files aria-hidden className="size-5 text-ink-soft" />
      <div className="min-w-0 flex-1 text-sm">
        <p className="font-medium">{name}</p>
        <p className="text-ink-soft" role="status">
          {scan.state === 'split' &&
            [t('assessments.pages', { count: scan.pages }), t('scan.scripts', { count: scan.scripts.length })].join(
              ' · ',
            )}
          {scan.state === 'splitting' && t('scan.looked', { done: looked, all: files.length })}
          {scan.state === 'failed' && scan.failure && said(scan.failure.message)}
        </p>
      </div>
      <Badge tone={TONES[scan.state]}>{named('scanState', scan.state)}</Badge>
      {scan.state === 'split' && (
        <Link
          to={`/o/${org}/assessments/${scan.assessment}`}
          className="text-sm text-accent underline underline-offset-4"
        >
          {t('assessments.scripts')}
        </Link>
      )}
      <Menu
        trigger={
          <IconButton label={t('common.actionsFor', { name })}>
            <Ellipsis aria-hidden className="size-5" />
          </IconButton>
        }
      >
        <MenuItem danger onSelect={() => setDeleting(true)}>
          {t('common.delete')}
        </MenuItem>
      </Menu>
      <Confirm
        title={t('scan.deleteTitle')}
        action={t('common.delete')}
        open={deleting}
        onClose={() => setDeleting(false)}
        onConfirm={() => remove.mutateAsync(scan.id)}
      >
        <p>{t('scan.deleteAbout')}</p>
      </Confirm>
    </li>
  )
}
