import { CircleCheck, UserRoundSearch } from 'lucide-react'
import { useId, useState } from 'react'
import { Navigate } from 'react-router'

import type { Api } from '@/api/types'
import { Button, ButtonLink } from '@/components/button'
import { TextField } from '@/components/field'
import { Empty, FormError, Loaded, Notice } from '@/components/states'
import { Badge, Card } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useStudents } from '@/features/organization/api/use-students'
import { useCan } from '@/features/organization/context'
import { useI18n } from '@/i18n'

import { useAssignStudent } from './api/use-assign-student'
import { useFirstPage } from './api/use-first-page'
import { useSubmissions } from './api/use-submissions'
import { useShown } from './frame'
import { unmatched } from './unmatched'

/** So many are shown at once; each has a picture. */
const SHOWN = 20

/** The unmatched tray: scripts that are nobody's yet, the first page of each beside who may be meant. */
export default function WhosePage() {
  const { t } = useI18n()
  const { assessment } = useShown()
  const mayGrade = useCan('grade')
  const submissions = useSubmissions(assessment.id)
  const students = useStudents()
  if (!mayGrade) return <Navigate replace to=".." />
  return (
    <Loaded query={submissions} lines={6}>
      {(items) => {
        const waiting = unmatched(items)
        if (waiting.length === 0) {
          return (
            <Empty icon={CircleCheck} title={t('whose.none')}>
              <ButtonLink look="secondary" to="..">
                {t('assessments.scripts')}
              </ButtonLink>
            </Empty>
          )
        }
        return (
          <div className="grid gap-5">
            <p className="max-w-prose text-sm text-ink-soft">{t('whose.about')}</p>
            <Loaded query={students} lines={4}>
              {(roster) => (
                <ul className="grid gap-5">
                  {waiting.slice(0, SHOWN).map((it) => (
                    <Row key={it.id} submission={it} roster={roster} />
                  ))}
                </ul>
              )}
            </Loaded>
            {waiting.length > SHOWN && (
              <p className="text-sm text-ink-soft">{t('review.more', { count: waiting.length - SHOWN })}</p>
            )}
          </div>
        )
      }}
    </Loaded>
  )
}

type Student = Api<'Student'>

function Row({ submission, roster }: { submission: Api<'Submission'>; roster: Student[] }) {
  const { t, format } = useI18n()
  const say = useSay()
  const list = useId()
  const assign = useAssignStudent(submission)
  const [search, setSearch] = useState('')
  const labelOf = ({ name, number }: Student) => `${name} (${number})`
  const chosen = roster.find((it) => labelOf(it) === search || it.number === search.trim())
  const proposals = (submission.student_match?.proposals ?? []).flatMap(({ student, score }) => {
    const found = roster.find((it) => it.id === student)
    return found ? [{ student: found, score }] : []
  })
  const sayWhose = (student: Student | null) =>
    assign.mutate(student?.id ?? null, {
      onSuccess: () => say.done(student ? t('whose.assigned', { name: student.name }) : t('whose.leftAlone')),
    })
  const name = submission.student_name || submission.student_number || t('assessments.nameless')
  return (
    <li>
      <Card className="grid gap-5 md:grid-cols-[3fr_2fr]">
        <FirstPage submission={submission} />
        <div className="grid content-start gap-4">
          <div className="flex flex-wrap items-center gap-2">
            <UserRoundSearch aria-hidden className="size-5 text-accent" />
            <h2 className="font-semibold">{name}</h2>
          </div>
          {proposals.length > 0 ? (
            <div role="group" aria-label={t('whose.proposed')} className="grid gap-2">
              <p className="text-sm text-ink-soft">{t('whose.proposed')}</p>
              {proposals.map(({ student, score }, i) => (
                <Button
                  key={student.id}
                  look={i === 0 ? 'primary' : 'secondary'}
                  busy={assign.isPending}
                  className="justify-between"
                  onClick={() => sayWhose(student)}
                >
                  {labelOf(student)}
                  <Badge tone={score >= 0.8 ? 'right' : 'doubt'}>{format.percent(score)}</Badge>
                </Button>
              ))}
            </div>
          ) : (
            <Notice tone="doubt">{t('whose.noProposal')}</Notice>
          )}
          <form
            className="flex flex-wrap items-end gap-2"
            onSubmit={(event) => {
              event.preventDefault()
              if (chosen) sayWhose(chosen)
            }}
          >
            <datalist id={list}>
              {roster.map((it) => (
                <option key={it.id} value={labelOf(it)} />
              ))}
            </datalist>
            <TextField
              label={t('whose.search')}
              list={list}
              value={search}
              autoComplete="off"
              onChange={(event) => setSearch(event.target.value)}
              className="min-w-44 flex-1"
            />
            <Button type="submit" look="secondary" busy={assign.isPending} disabled={!chosen}>
              {t('whose.assign')}
            </Button>
          </form>
          <Button look="ghost" small className="justify-self-start" onClick={() => sayWhose(null)}>
            {t('whose.nobody')}
          </Button>
          <FormError error={assign.error} />
        </div>
      </Card>
    </li>
  )
}

/** The top of the first page, where a name stands; all of it when it is opened. */
function FirstPage({ submission }: { submission: Api<'Submission'> }) {
  const { t } = useI18n()
  const page = useFirstPage(submission.assessment, submission.id)
  return (
    <Loaded query={page} lines={3}>
      {(found) =>
        found?.url ? (
          <a
            href={found.url}
            target="_blank"
            rel="noreferrer"
            className="block overflow-hidden rounded-xl border border-line"
          >
            <img
              src={found.url}
              alt={t('whose.firstPage')}
              loading="lazy"
              className="h-72 w-full bg-white object-cover object-top"
            />
          </a>
        ) : (
          <p className="rounded-xl bg-sunken p-4 text-sm whitespace-pre-wrap">
            {found?.lines
              .slice(0, 6)
              .map((line) => line.words.map((word) => word.text).join(' '))
              .join('\n') || t('grade.noPages')}
          </p>
        )
      }
    </Loaded>
  )
}
