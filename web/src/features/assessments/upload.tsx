import { Camera, FolderUp, RotateCcw, Trash2 } from 'lucide-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useQueryClient } from '@tanstack/react-query'

import { Button, ButtonLink, IconButton } from '@/components/button'
import { TextField } from '@/components/field'
import { FileDrop } from '@/components/file-drop'
import { Notice, Wrong } from '@/components/states'
import { Badge, Bar, Card, CardTitle } from '@/components/surface'
import { useUserId } from '@/features/auth/context'
import { useStudents } from '@/features/organization/api/use-students'
import { useOrgId } from '@/features/organization/context'
import { useI18n } from '@/i18n'
import { useLeaveWarning } from '@/lib/use-leave-warning'

import { ClassScanUpload } from './class-scan'
import { useShown } from './frame'
import { contentType, groupFiles, MOST_BYTES, type Group } from './grouping'
import { gathered, spread, tilesOf, type Tile } from './pages'
import { filesOf } from './rearrange'
import { Thumbnails } from './thumbnails'
import { UnmatchedNotice } from './unmatched-notice'
import type { Script } from './upload-queue'
import { uploads } from './uploads'

const ACCEPT = '.jpg,.jpeg,.png,.pdf,.txt,image/jpeg,image/png,application/pdf,text/plain'

type Draft = Omit<Group<File>, 'files'> & { id: string; tiles: Tile[] }

const draftOf = ({ files, ...group }: Group<File>): Draft => ({
  ...group,
  id: crypto.randomUUID(),
  tiles: tilesOf(files),
})

/** Handing in scripts: choose or photograph, look through, send. */
export default function UploadPage() {
  const { t } = useI18n()
  const { assessment } = useShown()
  const org = useOrgId()
  const user = useUserId()
  const students = useStudents()
  const roster = students.data ?? []
  const [drafts, setDrafts] = useState<Draft[]>([])
  const [scan, setScan] = useState<Tile[]>([])
  const [isPreparing, setPreparing] = useState(false)
  const [unreadable, setUnreadable] = useState<string[]>([])
  const [stuck, setStuck] = useState<string[]>([])
  const camera = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)

  // One warning for both, since the router asks only one.
  useLeaveWarning(drafts.length + scan.length > 0, t(drafts.length > 0 ? 'upload.leave' : 'scan.leave'))

  const add = async (files: File[]) => {
    // Whose scripts these are, the roster says: it may still be on its way.
    const known = students.data ?? (await students.refetch()).data ?? []
    const good = files.filter((file) => contentType(file) && file.size > 0 && file.size <= MOST_BYTES)
    setUnreadable(files.filter((file) => !good.includes(file) && !file.name.startsWith('.')).map((file) => file.name))
    setDrafts((all) => [...all, ...groupFiles(good, known).map(draftOf)])
  }
  const photograph = (files: File[]) =>
    // Photos taken one after the other are pages of the script at hand, unless it is being handed in already.
    setDrafts((all) => {
      const last = all.at(-1)
      if (last?.key === 'camera' && !isPreparing)
        return [...all.slice(0, -1), { ...last, tiles: [...last.tiles, ...tilesOf(files)] }]
      return [...all, draftOf({ key: 'camera', files, name: '', number: '' })]
    })
  const change = (id: string, next: (draft: Draft) => Draft) =>
    setDrafts((all) => all.map((it) => (it.id === id ? next(it) : it)))
  const send = async () => {
    setPreparing(true)
    const ready: Script[] = []
    const left: Draft[] = []
    for (const draft of drafts) {
      const { id, name, number } = draft
      const files = await filesOf(draft.tiles).catch(() => undefined)
      if (files) {
        const pages = files.map((content) => ({
          name: content.name,
          type: contentType(content) ?? ('image/jpeg' as const),
          content,
        }))
        ready.push({ id, user, org, assessment: assessment.id, name, number, files: pages })
      } else left.push({ ...draft, tiles: gathered(draft.tiles) })
    }
    setDrafts((all) => [...left, ...all.filter((it) => !drafts.some((draft) => draft.id === it.id))])
    setStuck(left.flatMap((draft) => draft.tiles.map((tile) => tile.file.name)))
    setPreparing(false)
    void uploads.add(ready)
  }

  if (assessment.guides.length === 0) {
    return (
      <Notice tone="doubt">
        <p>{t('guide.missingAbout')}</p>
        <ButtonLink look="secondary" small to="../guide" className="justify-self-start">
          {t('guide.write')}
        </ButtonLink>
      </Notice>
    )
  }
  return (
    <div className="grid gap-5">
      <FileDrop label={t('upload.drop')} accept={ACCEPT} multiple onFiles={(files) => void add(files)}>
        <Button look="secondary" onClick={() => folder.current?.click()}>
          <FolderUp aria-hidden className="size-4" />
          {t('upload.chooseFolder')}
        </Button>
        <Button look="secondary" onClick={() => camera.current?.click()}>
          <Camera aria-hidden className="size-4" />
          {t('upload.camera')}
        </Button>
      </FileDrop>
      <input
        ref={folder}
        type="file"
        multiple
        aria-label={t('upload.chooseFolder')}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          void add([...(event.target.files ?? [])])
          event.target.value = ''
        }}
        {...{ webkitdirectory: '' }}
      />
      <input
        ref={camera}
        type="file"
        accept="image/jpeg,image/png"
        capture="environment"
        aria-label={t('upload.camera')}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          photograph([...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
      {unreadable.length > 0 && (
        <Notice tone="doubt">{t('upload.unreadable', { files: unreadable.join(', ') })}</Notice>
      )}
      {stuck.length > 0 && <Notice tone="doubt">{t('upload.stuck', { files: stuck.join(', ') })}</Notice>}
      {drafts.length > 0 && (
        <Card inert={isPreparing}>
          <CardTitle
            aside={
              <div className="flex gap-2">
                {drafts.at(-1)?.key === 'camera' && (
                  <Button
                    look="secondary"
                    onClick={() => {
                      setDrafts((all) =>
                        all.map((it) => (it.key === 'camera' ? { ...it, key: `camera ${it.id}` } : it)),
                      )
                      camera.current?.click()
                    }}
                  >
                    {t('upload.nextScript')}
                  </Button>
                )}
                <Button busy={isPreparing} onClick={() => void send()}>
                  {t('upload.send', { count: drafts.length })}
                </Button>
              </div>
            }
          >
            {t('upload.check')}
          </CardTitle>
          <p className="mb-4 text-sm text-ink-soft">{t('upload.checkAbout')}</p>
          <datalist id="roster-numbers">
            {roster.map((student) => (
              <option key={student.id} value={student.number}>
                {student.name}
              </option>
            ))}
          </datalist>
          <ul className="grid gap-4">
            {drafts.map((draft) => (
              <DraftRow
                key={draft.id}
                draft={draft}
                onChange={(next) => change(draft.id, next)}
                onNumber={(number) => {
                  const student = roster.find((it) => it.number === number)
                  return student ? { number, name: student.name } : { number }
                }}
                onRemove={() => setDrafts((all) => all.filter((it) => it.id !== draft.id))}
              />
            ))}
          </ul>
        </Card>
      )}
      <Running assessment={assessment.id} />
      <ClassScanUpload tiles={scan} onChange={setScan} />
      <UnmatchedNotice assessment={assessment.id} />
    </div>
  )
}

type DraftProps = {
  draft: Draft
  onChange: (change: (draft: Draft) => Draft) => void
  onNumber: (number: string) => Partial<Draft>
  onRemove: () => void
}

function DraftRow({ draft, onChange, onNumber, onRemove }: DraftProps) {
  const { t } = useI18n()
  const name = draft.name || draft.number || t('assessments.nameless')
  return (
    <li className="grid gap-3 rounded-xl bg-sunken p-4">
      <div className="flex flex-wrap items-end gap-3">
        <TextField
          label={t('students.number')}
          list="roster-numbers"
          value={draft.number}
          onChange={(event) => onChange((it) => ({ ...it, ...onNumber(event.target.value) }))}
          className="w-36"
        />
        <TextField
          label={t('upload.student')}
          value={draft.name}
          onChange={(event) => onChange((it) => ({ ...it, name: event.target.value }))}
          className="min-w-52 flex-1"
        />
        <IconButton label={t('upload.remove', { name })} onClick={onRemove}>
          <Trash2 aria-hidden className="size-4" />
        </IconButton>
      </div>
      <Thumbnails
        tiles={draft.tiles}
        onChange={(next) => onChange((it) => ({ ...it, tiles: next(it.tiles) }))}
        onCount={(id, pages) => onChange((it) => ({ ...it, tiles: spread(it.tiles, id, pages) }))}
      />
    </li>
  )
}

/** What is on its way, file by file. */
function Running({ assessment }: { assessment: string }) {
  const { t, named } = useI18n()
  const org = useOrgId()
  const queries = useQueryClient()
  const progress = useSyncExternalStore(uploads.subscribe, uploads.snapshot)
  const rows = [...progress].flatMap(([id, it]) => {
    const script = uploads.script(id)
    return script && script.assessment === assessment ? [{ script, ...it }] : []
  })
  const done = rows.filter((row) => row.state === 'done').length
  useEffect(() => {
    if (done) void queries.invalidateQueries({ queryKey: ['org', org, 'assessments', assessment] })
  }, [queries, org, assessment, done])
  if (rows.length === 0) return null
  return (
    <Card>
      <CardTitle
        aside={
          done > 0 && (
            <Button
              look="ghost"
              small
              onClick={() =>
                rows.filter((it) => it.state === 'done').forEach((it) => void uploads.forget(it.script.id))
              }
            >
              {t('upload.clear')}
            </Button>
          )
        }
      >
        {t('upload.running', { done, all: rows.length })}
      </CardTitle>
      {rows.some((row) => row.state !== 'done' && !row.isKept) && (
        <Notice tone="doubt" className="mb-3">
          {t('upload.notKept')}
        </Notice>
      )}
      <ul className="grid gap-3" aria-live="polite">
        {rows.map(({ script, files, state, error }) => {
          const share = files.reduce((sum, file) => sum + file.share, 0) / Math.max(files.length, 1)
          const name =
            script.kind === 'class' ? t('scan.name') : script.name || script.number || t('assessments.nameless')
          const isRetrying = files.some((file) => file.state === 'retrying')
          return (
            <li key={script.id} className="grid gap-2 rounded-xl bg-sunken p-3">
              <div className="flex flex-wrap items-center gap-3">
                <span className="min-w-0 flex-1 truncate text-sm font-medium">{name}</span>
                <Badge tone={({ done: 'right', failed: 'wrong', waiting: 'plain', sending: 'info' } as const)[state]}>
                  {isRetrying && state === 'sending' ? t('upload.retrying') : named('upload', state)}
                </Badge>
                {state === 'failed' && (
                  <>
                    <IconButton label={t('upload.retry', { name })} onClick={() => uploads.retry(script.id)}>
                      <RotateCcw aria-hidden className="size-4" />
                    </IconButton>
                    <IconButton label={t('upload.remove', { name })} onClick={() => void uploads.forget(script.id)}>
                      <Trash2 aria-hidden className="size-4" />
                    </IconButton>
                  </>
                )}
              </div>
              {state !== 'done' && (
                <div className="grid gap-1">
                  {files.map((file, i) => (
                    <Bar
                      key={i}
                      label={`${script.files[i]?.name ?? ''}: ${Math.round(file.share * 100)} %`}
                      parts={[{ share: file.share, className: file.state === 'retrying' ? 'bg-doubt' : 'bg-accent' }]}
                    />
                  ))}
                </div>
              )}
              <span className="sr-only">{Math.round(share * 100)} %</span>
              {error !== undefined && state === 'failed' && <Wrong error={error} />}
            </li>
          )
        })}
      </ul>
    </Card>
  )
}
