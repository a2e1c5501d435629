import { useVirtualizer } from '@tanstack/react-virtual'
import { Ellipsis, FileStack } from 'lucide-react'
import { useRef, useState } from 'react'
import { Link, useNavigate } from 'react-router'

import type { Api } from '@/api/types'
import { ButtonLink, IconButton } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { SelectField, TextField } from '@/components/field'
import { Menu, MenuItem } from '@/components/menu'
import { Empty, Loaded, Notice } from '@/components/states'
import { Badge, Card } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useCan, useOrgId } from '@/features/organization/context'
import { useI18n } from '@/i18n'

import { useDeleteSubmission } from './api/use-delete-submission'
import { useRetrySubmission } from './api/use-retry-submission'
import { useSubmissions } from './api/use-submissions'
import { useShown } from './frame'
import { ProgressBar } from './progress'
import { UnmatchedNotice } from './unmatched-notice'

type Submission = Api<'Submission'>

/** The scripts of an assessment and where each stands. */
export default function ScriptsPage() {
  const { t, named } = useI18n()
  const { assessment, progress } = useShown()
  const mayUpload = useCan('manage_submissions')
  const submissions = useSubmissions(assessment.id)
  const [search, setSearch] = useState('')
  const [state, setState] = useState('')
  const matches = (it: Submission) =>
    (!state || it.state === state) &&
    `${it.student_name ?? ''} ${it.student_number ?? ''}`.toLowerCase().includes(search.trim().toLowerCase())
  return (
    <div className="grid gap-5">
      {assessment.guides.length === 0 && (
        <Notice tone="doubt">
          <p>{t('guide.missingAbout')}</p>
          <ButtonLink look="secondary" small to="guide" className="justify-self-start">
            {t('guide.write')}
          </ButtonLink>
        </Notice>
      )}
      <Card>
        <ProgressBar progress={progress} />
      </Card>
      <UnmatchedNotice assessment={assessment.id} />
      <Loaded query={submissions} lines={6}>
        {(items) =>
          items.length === 0 ? (
            <Empty icon={FileStack} title={t('assessments.noScripts')}>
              {mayUpload && <ButtonLink to="upload">{t('assessments.upload')}</ButtonLink>}
            </Empty>
          ) : (
            <>
              <div className="flex flex-wrap gap-4">
                <TextField
                  label={t('common.search')}
                  type="search"
                  value={search}
                  onChange={(event) => setSearch(event.target.value)}
                  className="w-full max-w-sm"
                />
                <SelectField
                  label={t('assessments.state')}
                  value={state}
                  onChange={(event) => setState(event.target.value)}
                >
                  <option value="">{t('common.all')}</option>
                  {(['awaiting_upload', 'reading', 'grading', 'graded', 'needs_review', 'failed'] as const).map(
                    (it) => (
                      <option key={it} value={it}>
                        {named('state', it)}
                      </option>
                    ),
                  )}
                </SelectField>
              </div>
              {!items.some(matches) && <p className="text-sm text-ink-soft">{t('common.nothingFits')}</p>}
              <Rows submissions={items.filter(matches)} />
            </>
          )
        }
      </Loaded>
    </div>
  )
}

export const STATE_TONES = {
  awaiting_upload: 'plain',
  reading: 'info',
  grading: 'info',
  graded: 'right',
  needs_review: 'doubt',
  failed: 'wrong',
} as const

const ROW = 68

function Rows({ submissions }: { submissions: Submission[] }) {
  const { t, named, said, format } = useI18n()
  const org = useOrgId()
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: submissions.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  })
  return (
    <div
      ref={box}
      tabIndex={0}
      role="region"
      aria-label={t('assessments.scripts')}
      className="max-h-[70dvh] overflow-y-auto rounded-xl border border-line bg-surface"
    >
      <ul className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const it = submissions[row.index]
          if (!it) return null
          const failure = it.failure ? said(it.failure.message) : undefined
          const pages = Object.values(it.files).reduce((sum, file) => sum + file.pages, 0)
          return (
            <li
              key={it.id}
              aria-setsize={submissions.length}
              aria-posinset={row.index + 1}
              className="absolute inset-x-0 flex items-center gap-4 border-b border-line px-4"
              style={{ height: ROW, transform: `translateY(${row.start}px)` }}
            >
              <span className="min-w-0 flex-1">
                {it.outcome ? (
                  <Link
                    to={`/o/${org}/assessments/${it.assessment}/grade?order=student&at=${it.id}`}
                    className="block truncate text-sm font-medium underline-offset-4 hover:underline"
                  >
                    {nameOf(it, t('assessments.nameless'))}
                  </Link>
                ) : (
                  <span className="block truncate text-sm font-medium">{nameOf(it, t('assessments.nameless'))}</span>
                )}
                <span className="block truncate text-sm text-ink-soft" title={failure}>
                  {failure ??
                    [
                      it.student_number,
                      pages > 0 && t('assessments.pages', { count: pages }),
                      format.ago(it.updated_at),
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                </span>
              </span>
              {it.outcome && (
                <span className="text-sm font-medium whitespace-nowrap tabular-nums">
                  {format.number(it.outcome.marks)} / {format.number(it.outcome.max_marks)}
                </span>
              )}
              <Badge tone={STATE_TONES[it.state]}>{named('state', it.state)}</Badge>
              <ScriptMenu submission={it} />
            </li>
          )
        })}
      </ul>
    </div>
  )
}

const nameOf = (it: Submission, otherwise: string) => it.student_name || it.student_number || otherwise

function ScriptMenu({ submission }: { submission: Submission }) {
  const { t } = useI18n()
  const org = useOrgId()
  const may = useCan('manage_submissions')
  const navigate = useNavigate()
  const say = useSay()
  const [deleting, setDeleting] = useState(false)
  const retry = useRetrySubmission(submission.assessment)
  const remove = useDeleteSubmission(submission.assessment)
  const name = nameOf(submission, t('assessments.nameless'))
  const base = `/o/${org}/assessments/${submission.assessment}`
  if (!may) return null
  return (
    <>
      <Menu
        trigger={
          <IconButton label={t('common.actionsFor', { name })}>
            <Ellipsis aria-hidden className="size-5" />
          </IconButton>
        }
      >
        {submission.guide && (
          <MenuItem onSelect={() => void navigate(`${base}/lines/${submission.id}`)}>{t('lines.title')}</MenuItem>
        )}
        {submission.state === 'failed' && (
          <MenuItem
            onSelect={() =>
              retry.mutate(submission.id, { onSuccess: () => say.done(t('assessments.retried')), onError: say.failed })
            }
          >
            {t('assessments.retry')}
          </MenuItem>
        )}
        <MenuItem danger onSelect={() => setDeleting(true)}>
          {t('common.delete')}
        </MenuItem>
      </Menu>
      <Confirm
        title={t('assessments.deleteTitle', { name })}
        action={t('common.delete')}
        open={deleting}
        onClose={() => setDeleting(false)}
        onConfirm={() => remove.mutateAsync(submission.id)}
      >
        <p>{t('assessments.deleteAbout')}</p>
      </Confirm>
    </>
  )
}
