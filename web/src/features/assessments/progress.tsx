import type { Api } from '@/api/types'
import { Bar } from '@/components/surface'
import { useI18n, type Key } from '@/i18n'

type Progress = Api<'Progress'>

const PARTS: [keyof Progress, string, Key][] = [
  ['graded', 'bg-bar-good', 'state.graded'],
  ['needs_review', 'bg-bar-doubt', 'state.needs_review'],
  ['grading', 'bg-bar-info', 'state.grading'],
  ['reading', 'bg-bar-reading', 'state.reading'],
  ['awaiting_upload', 'bg-line-strong', 'state.awaiting_upload'],
  ['failed', 'bg-bar-wrong', 'state.failed'],
]

/** How many scripts stand where: a bar, and the same in words. */
export function ProgressBar({ progress }: { progress: Progress }) {
  const { t, format } = useI18n()
  const shown = PARTS.filter(([part]) => progress[part] > 0)
  const words = shown.map(([part, , key]) => `${format.number(progress[part])} ${t(key)}`)
  return (
    <div className="grid gap-2">
      <Bar
        label={words.join(', ') || t('assessments.noScripts')}
        parts={shown.map(([part, className]) => ({ share: progress[part] / progress.submitted, className }))}
      />
      <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-ink-soft">
        {shown.length === 0 && <li>{t('assessments.noScripts')}</li>}
        {shown.map(([part, className], i) => (
          <li key={part} className="flex items-center gap-1.5">
            <span aria-hidden className={`size-2 rounded-full ${className}`} />
            {words[i]}
          </li>
        ))}
      </ul>
    </div>
  )
}
