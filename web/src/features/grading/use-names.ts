import { useMemo } from 'react'

import { useSubmissions } from '@/features/assessments/api/use-submissions'
import { useI18n } from '@/i18n'
import { usePreference } from '@/lib/use-preference'

/** What each script is called: by its student, unless names are hidden, else by its number. */
export function useNames(assessment: string): (submission: string) => string {
  const { t } = useI18n()
  const [blind] = usePreference<'on' | 'off'>('grade-blind', 'off')
  const { data } = useSubmissions(assessment)
  return useMemo(() => {
    const name = (it: NonNullable<typeof data>[number], number: number) =>
      (blind === 'off' && (it.student_name || it.student_number)) || t('grade.script', { number })
    const names = new Map(data?.map((it, i) => [it.id, name(it, i + 1)]))
    return (submission) => names.get(submission) ?? submission
  }, [t, blind, data])
}
