import { useState } from 'react'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Confirm } from '@/components/confirm'
import { FormError, Notice } from '@/components/states'
import { Card, CardTitle, Facts } from '@/components/surface'
import { useSay } from '@/components/toast'
import { useI18n } from '@/i18n'

import { useRelease } from './api/use-release'
import { useWithdraw } from './api/use-withdraw'
import { useShown } from './frame'

type Undecided = Api<'Undecided'>

/** Showing the students their feedback, and taking it back. */
export default function ReleasePage() {
  const { t, format } = useI18n()
  const { assessment, progress } = useShown()
  const release = useRelease(assessment.id)
  const withdraw = useWithdraw(assessment.id)
  const [undecided, setUndecided] = useState<Undecided>('refuse')
  const [withdrawing, setWithdrawing] = useState(false)
  const say = useSay()
  const current = assessment.release && !assessment.release.withdrawn_at ? assessment.release : undefined
  const waiting = progress.needs_review + progress.in_progress + progress.failed
  return (
    <div className="grid max-w-3xl gap-5">
      {current && (
        <Card>
          <CardTitle>{t('release.inForce')}</CardTitle>
          <Facts
            items={[
              [t('release.when'), format.time(current.released_at)],
              [t('assessments.scripts'), format.number(current.submissions)],
              [t('release.undecided'), format.number(current.undecided)],
            ]}
          />
          <Button look="danger" className="mt-5" onClick={() => setWithdrawing(true)}>
            {t('release.withdraw')}
          </Button>
        </Card>
      )}
      <Card>
        <CardTitle>{t(current ? 'release.again' : 'release.title')}</CardTitle>
        <div className="grid gap-5">
          <p className="text-sm text-ink-soft">{t('release.about')}</p>
          {waiting > 0 ? (
            <fieldset className="grid gap-3">
              <legend className="mb-3 text-sm font-medium">
                {t('release.waiting', {
                  review: progress.needs_review,
                  progress: progress.in_progress,
                  failed: progress.failed,
                })}
              </legend>
              {(['refuse', 'leave_out', 'include'] as const).map((option) => (
                <label key={option} className="flex gap-3 text-sm">
                  <input
                    type="radio"
                    name="undecided"
                    checked={undecided === option}
                    onChange={() => setUndecided(option)}
                    className="mt-0.5 size-4 accent-(--accent)"
                  />
                  {t(`release.${option}`)}
                </label>
              ))}
            </fieldset>
          ) : (
            progress.submitted > 0 && <Notice tone="right">{t('release.allDecided')}</Notice>
          )}
          <FormError error={release.error} />
          <Button
            busy={release.isPending}
            disabled={progress.submitted === 0}
            className="justify-self-start"
            onClick={() =>
              release.mutate(
                { undecided: waiting > 0 ? undecided : 'refuse' },
                { onSuccess: (it) => say.done(t('release.done', { count: it.submissions })) },
              )
            }
          >
            {t(current ? 'release.again' : 'release.action')}
          </Button>
        </div>
      </Card>
      <Confirm
        title={t('release.withdrawTitle')}
        action={t('release.withdraw')}
        open={withdrawing}
        onClose={() => setWithdrawing(false)}
        onConfirm={() => withdraw.mutateAsync()}
      >
        <p>{t('release.withdrawAbout')}</p>
      </Confirm>
    </div>
  )
}
