import { ChartColumn } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Bar as BarShape, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Choice } from '@/components/choice'
import { Empty, Loaded } from '@/components/states'
import { Bar, Card, CardTitle, Table } from '@/components/surface'
import { useI18n } from '@/i18n'

import { useAllFeedback } from './api/use-all-feedback'
import { useGuide } from './api/use-guide'
import { useSubmissions } from './api/use-submissions'
import { useShown } from './frame'
import { criteriaOfFeedback, statisticsOf, type Statistics } from './statistics-model'

/** How the class has done: the distribution, each question, each criterion, as charts and as tables. */
export default function StatisticsPage() {
  const { t } = useI18n()
  const { assessment } = useShown()
  const submissions = useSubmissions(assessment.id)
  const guide = useGuide(assessment.id, assessment.guides.at(-1)?.version ?? 1)
  const labels = useMemo(() => guide.data?.questions.map((it) => it.label) ?? [], [guide.data])
  const [look, setLook] = useState<'charts' | 'table'>('charts')
  return (
    // Figures of a part of the class would be wrong ones.
    <Loaded query={submissions.isComplete ? submissions : { ...submissions, data: undefined }}>
      {(items) => {
        const found = statisticsOf(items, labels)
        if (!found) return <Empty icon={ChartColumn} title={t('statistics.none')} />
        return (
          <div className="grid gap-5">
            <div className="flex flex-wrap items-center justify-between gap-4">
              <Numbers found={found} />
              <Choice
                label={t('statistics.look')}
                value={look}
                onChange={setLook}
                options={[
                  ['charts', t('statistics.charts')],
                  ['table', t('statistics.table')],
                ]}
              />
            </div>
            <Distribution found={found} look={look} />
            <Questions found={found} look={look} />
            <Criteria assessment={assessment.id} submissions={items.filter((it) => it.outcome).map((it) => it.id)} />
          </div>
        )
      }}
    </Loaded>
  )
}

function Numbers({ found }: { found: Statistics }) {
  const { t, format } = useI18n()
  const items: [string, string][] = [
    [t('statistics.graded'), format.number(found.count)],
    [t('statistics.mean'), `${format.number(found.mean)} / ${format.number(found.max)}`],
    [t('statistics.median'), format.number(found.median)],
    [t('statistics.deviation'), format.number(found.deviation)],
  ]
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-3">
      {items.map(([name, value]) => (
        <div key={name}>
          <dt className="text-sm text-ink-soft">{name}</dt>
          <dd className="text-xl font-semibold tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

type Props = { found: Statistics; look: 'charts' | 'table' }
const AXIS = { stroke: 'var(--line-strong)', tick: { fill: 'var(--ink-soft)', fontSize: 12 } }
const TIP = {
  contentStyle: { background: 'var(--surface)', border: '1px solid var(--line)', borderRadius: 8, color: 'var(--ink)' },
  cursor: { fill: 'var(--sunken)' },
}

/**
 * Takes the layers of a chart out of the order of the Tab key. React listens on them, since they are portals, and
 * Chromium gives the focus to whatever in an SVG is listened on.
 */
function withoutStops(figure: HTMLElement | null) {
  if (!figure) return
  const takeOut = () => figure.querySelectorAll('svg > g').forEach((layer) => layer.setAttribute('tabindex', '-1'))
  const observer = new MutationObserver(takeOut)
  observer.observe(figure, { childList: true, subtree: true })
  takeOut()
  return () => observer.disconnect()
}

function Distribution({ found, look }: Props) {
  const { t, format } = useI18n()
  const rows = found.bins.map((bin) => ({
    name: `${format.number(bin.from)}–${format.number(bin.to)}`,
    count: bin.count,
  }))
  return (
    <Card>
      <CardTitle>{t('statistics.distribution')}</CardTitle>
      {look === 'charts' ? (
        <figure
          role="img"
          ref={withoutStops}
          aria-label={rows.map((row) => `${row.name}: ${row.count}`).join(', ')}
          className="h-64"
        >
          <ResponsiveContainer>
            <BarChart data={rows} margin={{ left: -18, right: 8, top: 8 }} accessibilityLayer={false}>
              <CartesianGrid vertical={false} stroke="var(--line)" />
              <XAxis dataKey="name" {...AXIS} />
              <YAxis allowDecimals={false} {...AXIS} />
              <Tooltip {...TIP} />
              <BarShape
                dataKey="count"
                name={t('assessments.scripts')}
                fill="var(--accent)"
                radius={[5, 5, 0, 0]}
                isAnimationActive={false}
              />
            </BarChart>
          </ResponsiveContainer>
        </figure>
      ) : (
        <Table caption={t('statistics.distribution')} head={[t('review.marks'), t('assessments.scripts')]}>
          {rows.map((row) => (
            <tr key={row.name}>
              <td className="tabular-nums">{row.name}</td>
              <td className="tabular-nums">{row.count}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  )
}

function Questions({ found, look }: Props) {
  const { t, format } = useI18n()
  return (
    <Card>
      <CardTitle>{t('statistics.questions')}</CardTitle>
      {look === 'charts' ? (
        <ul className="grid gap-3">
          {found.questions.map((row) => (
            <li key={row.label} className="grid grid-cols-[6.5rem_1fr_4.5rem] items-center gap-3 text-sm">
              <span className="font-medium">{t('guide.question', { label: row.label })}</span>
              <Bar label={format.percent(row.share)} parts={[{ share: row.share, className: 'bg-accent' }]} />
              <span className="text-end tabular-nums">{format.percent(row.share)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <Table
          caption={t('statistics.questions')}
          head={[
            t('grade.question'),
            t('statistics.answers'),
            t('statistics.mean'),
            t('statistics.share'),
            t('review.confidence'),
          ]}
        >
          {found.questions.map((row) => (
            <tr key={row.label}>
              <td>{row.label}</td>
              <td className="tabular-nums">{format.number(row.count)}</td>
              <td className="tabular-nums">
                {format.number(row.mean)} / {format.number(row.max)}
              </td>
              <td className="tabular-nums">{format.percent(row.share)}</td>
              <td className="tabular-nums">{format.percent(row.sure)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Card>
  )
}

/** Each script's feedback must be read for it: asked for when the class is small, or somebody wants it. */
const AT_ONCE = 60

function Criteria({ assessment, submissions }: { assessment: string; submissions: string[] }) {
  const { t } = useI18n()
  const [wanted, setWanted] = useState(submissions.length <= AT_ONCE)
  const feedback = useAllFeedback(assessment, submissions, wanted)
  return (
    <Card>
      <CardTitle>{t('statistics.criteria')}</CardTitle>
      {wanted ? (
        <Loaded query={feedback}>{(found) => <CriteriaTable feedback={found} />}</Loaded>
      ) : (
        <Button look="secondary" onClick={() => setWanted(true)}>
          {t('statistics.count', { count: submissions.length })}
        </Button>
      )}
    </Card>
  )
}

function CriteriaTable({ feedback }: { feedback: Api<'Feedback'>[] }) {
  const { t, format } = useI18n()
  const rows = useMemo(() => criteriaOfFeedback(feedback), [feedback])
  return (
    <Table
      caption={t('statistics.criteria')}
      head={[
        t('grade.question'),
        t('guide.criteria'),
        t('statistics.full'),
        t('statistics.part'),
        t('statistics.no'),
        t('statistics.distribution'),
      ]}
    >
      {rows.map((row) => {
        const all = row.full + row.part + row.none
        const words = `${t('statistics.full')} ${row.full}, ${t('statistics.part')} ${row.part}, ${t('statistics.no')} ${row.none}`
        return (
          <tr key={`${row.question} ${row.criterion}`}>
            <td>{row.question}</td>
            <td className="min-w-56">{row.description}</td>
            <td className="tabular-nums">{format.percent(row.full / all)}</td>
            <td className="tabular-nums">{format.percent(row.part / all)}</td>
            <td className="tabular-nums">{format.percent(row.none / all)}</td>
            <td className="min-w-28">
              <Bar
                label={words}
                parts={[
                  { share: row.full / all, className: 'bg-bar-good' },
                  { share: row.part / all, className: 'bg-bar-doubt' },
                  { share: row.none / all, className: 'bg-bar-wrong' },
                ]}
              />
            </td>
          </tr>
        )
      })}
    </Table>
  )
}
