import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { SelectField } from '@/components/field'
import { FormError, Loaded, Notice } from '@/components/states'
import { Badge, Card, CardTitle } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useShown } from '@/features/assessments/frame'
import { useCan, useOrgId } from '@/features/organization/context'
import { useI18n } from '@/i18n'

import { useAssignLines } from './api/use-assign-lines'
import { useSplit } from './api/use-split'

type Line = Api<'ScriptLine'>
const keyOf = (line: Line) => `${line.page}:${line.line}`

/** Which lines of a script answer which question; lines that fit none lie in a tray, from which they are assigned. */
export default function LinesPage() {
  const { submission = '' } = useParams()
  const { assessment } = useShown()
  const split = useSplit(assessment.id, submission)
  return (
    <Loaded query={split}>{(split) => <Assign key={split.version} split={split} submission={submission} />}</Loaded>
  )
}

function Assign({ split, submission }: { split: Api<'ScriptSplit'>; submission: string }) {
  const { t } = useI18n()
  const org = useOrgId()
  const mayManage = useCan('manage_submissions')
  const { assessment } = useShown()
  const navigate = useNavigate()
  const say = useSay()
  const assign = useAssignLines(assessment.id, submission)
  const [moved, setMoved] = useState<Record<string, string>>({})
  const all = [
    ...split.tray.map((line) => ({ line, question: '' })),
    ...split.answers.flatMap(({ question, lines }) => lines.map((line) => ({ line, question }))),
  ]
  const where = ({ line, question }: (typeof all)[number]) => moved[keyOf(line)] ?? question
  const groups = ['', ...split.answers.map((it) => it.question)]
  const moves = all
    .filter((it) => where(it) !== it.question)
    .map((it) => ({
      page: it.line.page,
      first_line: it.line.line,
      last_line: it.line.line,
      question: where(it) || null,
    }))
  const save = () =>
    // Not with the callbacks of `mutate`: they are not called when the new split has replaced this part of the page.
    assign.mutateAsync({ moves, version: split.version }).then(
      () => {
        say.done(t('lines.done'))
        void navigate(`/o/${org}/assessments/${assessment.id}`)
      },
      // Shown below, as the error of `assign`.
      () => undefined,
    )
  return (
    <div className="grid gap-5">
      <p className="max-w-prose text-sm text-ink-soft">{t('lines.about')}</p>
      {groups.map((group) => {
        const lines = all
          .filter((it) => where(it) === group)
          .toSorted((a, b) => a.line.page - b.line.page || a.line.line - b.line.line)
        return (
          <Card key={group}>
            <CardTitle aside={<Badge tone={group || lines.length === 0 ? 'plain' : 'doubt'}>{lines.length}</Badge>}>
              {group ? t('guide.question', { label: group }) : t('lines.tray')}
            </CardTitle>
            {lines.length === 0 && <p className="text-sm text-ink-soft">{t('lines.none')}</p>}
            <ul className="grid gap-2">
              {lines.map(({ line }) => (
                <li key={keyOf(line)} className="flex flex-wrap items-center gap-3 rounded-lg bg-sunken px-3 py-2">
                  <span className="text-xs text-ink-soft">{t('grade.page', { number: line.page })}</span>
                  <span className="min-w-48 flex-1 text-sm">{line.text}</span>
                  {moved[keyOf(line)] !== undefined && <Badge tone="info">{t('lines.moved')}</Badge>}
                  {mayManage && (
                    <SelectField
                      label={t('lines.to', { text: line.text })}
                      labelHidden
                      value={group}
                      onChange={(event) => setMoved((before) => ({ ...before, [keyOf(line)]: event.target.value }))}
                    >
                      {groups.map((it) => (
                        <option key={it} value={it}>
                          {it ? t('guide.question', { label: it }) : t('lines.tray')}
                        </option>
                      ))}
                    </SelectField>
                  )}
                </li>
              ))}
            </ul>
          </Card>
        )
      })}
      <FormError error={assign.error} />
      {mayManage && (
        <div className="sticky bottom-0 flex items-center gap-4 border-t border-line bg-paper py-3">
          <Button busy={assign.isPending} disabled={moves.length === 0} onClick={save}>
            {t('lines.save', { count: moves.length })}
          </Button>
          {moves.length > 0 && <Notice>{t('lines.regraded')}</Notice>}
        </div>
      )}
    </div>
  )
}
