import { ButtonLink } from '@/components/button'
import { Notice } from '@/components/states'
import { useCan, useOrgId } from '@/features/organization/context'
import { useI18n } from '@/i18n'

import { useSubmissions } from './api/use-submissions'
import { unmatched } from './unmatched'

/** Says how many scripts are nobody's yet, and where to say whose they are. */
export function UnmatchedNotice({ assessment }: { assessment: string }) {
  const { t } = useI18n()
  const org = useOrgId()
  const mayGrade = useCan('grade')
  const submissions = useSubmissions(assessment)
  const count = unmatched(submissions.data ?? []).length
  if (count === 0 || !mayGrade) return null
  return (
    <Notice tone="doubt">
      <p>{t('whose.waiting', { count })}</p>
      <ButtonLink
        look="secondary"
        small
        to={`/o/${org}/assessments/${assessment}/whose`}
        className="justify-self-start"
      >
        {t('whose.say')}
      </ButtonLink>
    </Notice>
  )
}
