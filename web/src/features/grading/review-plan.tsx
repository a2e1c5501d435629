import { Play } from 'lucide-react'

import type { Api } from '@/api/types'
import { ButtonLink } from '@/components/button'
import { SelectField } from '@/components/field'
import { Loaded } from '@/components/states'
import { Card, CardTitle, Table } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useOrganization } from '@/features/organization/context'
import { useI18n } from '@/i18n'

import { useReviewPlan, useSetDisagreement } from './api/use-review-plan'

/** From where a person sees every answer to where every other may be wrong. */
const SHARES = [0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5]

/** How much disagreement is acceptable, how many answers a person must see for that, and the way to them. */
export function ReviewPlan({ assessment }: { assessment: string }) {
  const { t, format } = useI18n()
  const { can, organization } = useOrganization()
  const say = useSay()
  const plan = useReviewPlan(assessment)
  const set = useSetDisagreement(assessment)
  const grade = `/o/${organization.id}/assessments/${assessment}/grade`
  return (
    <Card>
      <CardTitle>{t('reviewPlan.title')}</CardTitle>
      <Loaded query={plan} lines={3}>
        {({ acceptable_disagreement: acceptable, to_see: toSee, questions }) => (
          <div className="grid gap-5">
            <div className="flex flex-wrap items-end gap-4">
              {can('manage_assessments') ? (
                <SelectField
                  label={t('reviewPlan.acceptable')}
                  hint={t('reviewPlan.acceptableHint')}
                  value={acceptable}
                  disabled={set.isPending}
                  onChange={(event) => set.mutate(Number(event.target.value), { onError: say.failed })}
                  className="max-w-prose flex-1 basis-72"
                >
                  {[...new Set([...SHARES, acceptable])]
                    .toSorted((a, b) => a - b)
                    .map((share) => (
                      <option key={share} value={share}>
                        {format.percent(share)}
                      </option>
                    ))}
                </SelectField>
              ) : (
                <p className="flex-1 basis-72 text-sm">
                  {t('reviewPlan.acceptableIs', { share: format.percent(acceptable) })}
                </p>
              )}
              <p role="status" className="text-sm font-medium">
                {t('reviewPlan.toSee', { count: toSee })}
              </p>
              {toSee > 0 && (
                <ButtonLink to={`${grade}?order=plan`}>
                  <Play aria-hidden className="size-4" />
                  {t('reviewPlan.start')}
                </ButtonLink>
              )}
            </div>
            {questions.length > 0 && <Questions questions={questions} grade={grade} />}
          </div>
        )}
      </Loaded>
    </Card>
  )
}

function Questions({ questions, grade }: { questions: Api<'QuestionPlan'>[]; grade: string }) {
  const { t, format } = useI18n()
  return (
    <Table
      caption={t('reviewPlan.title')}
      head={[
        t('grade.question'),
        t('reviewPlan.answers'),
        t('reviewPlan.decided'),
        t('reviewPlan.agreed'),
        t('reviewPlan.left'),
        t('reviewPlan.expected'),
        t('common.actions'),
      ]}
    >
      {questions.map((it) => (
        <tr key={it.question}>
          <td className="whitespace-nowrap">{t('guide.question', { label: it.question })}</td>
          <td className="tabular-nums">{format.number(it.answers)}</td>
          <td className="tabular-nums">{format.number(it.decided)}</td>
          <td className="tabular-nums">{it.decided > 0 ? format.percent(it.agreed / it.decided) : '–'}</td>
          <td className="tabular-nums">{format.number(it.to_see)}</td>
          <td className="whitespace-nowrap tabular-nums">
            {t('reviewPlan.nowAndThen', {
              now: format.percent(it.expected_disagreement),
              then: format.percent(it.expected_after),
            })}
          </td>
          <td className="w-0">
            {it.to_see > 0 && (
              <ButtonLink
                look="secondary"
                small
                className="whitespace-nowrap"
                to={`${grade}?order=plan&question=${encodeURIComponent(it.question)}`}
                aria-label={t('reviewPlan.seeOf', { label: it.question })}
              >
                {t('reviewPlan.see')}
              </ButtonLink>
            )}
          </td>
        </tr>
      ))}
    </Table>
  )
}
