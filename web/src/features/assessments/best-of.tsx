import { Plus, Trash2 } from 'lucide-react'

import { Button, IconButton } from '@/components/button'
import { CheckField, NumberField } from '@/components/field'
import { Card } from '@/components/surface'
import { useI18n } from '@/i18n'

import { bestOfSlips, type BestOf, type Question } from './guide'

type Props = { bestOf: BestOf[]; questions: Question[]; onChange: (bestOf: BestOf[]) => void }

/** Questions of which only the best answers count: "answer any four of these six". */
export function BestOfFields({ bestOf, questions, onChange }: Props) {
  const { t } = useI18n()
  const change = (index: number, next: BestOf) => onChange(bestOf.map((it, i) => (i === index ? next : it)))
  const slips = bestOfSlips(bestOf, questions)
  return (
    <>
      {bestOf.map((best, index) => (
        <Card key={index} aria-label={t('guide.bestOf')} className="grid gap-3">
          <div className="flex flex-wrap items-end gap-3">
            <NumberField
              label={t('guide.bestOfCount')}
              value={Number.isNaN(best.count) ? undefined : best.count}
              onChange={(count) => change(index, { ...best, count: count ?? Number.NaN })}
              className="w-44"
            />
            <div className="flex-1" />
            <IconButton label={t('guide.removeBestOf')} onClick={() => onChange(bestOf.filter((_, i) => i !== index))}>
              <Trash2 aria-hidden className="size-4" />
            </IconButton>
          </div>
          <div className="flex flex-wrap gap-x-5 gap-y-2">
            {questions.map(({ label }) => (
              <CheckField
                key={label}
                label={t('guide.question', { label })}
                checked={best.questions.includes(label)}
                onChange={(event) => {
                  const others = best.questions.filter((it) => it !== label)
                  change(index, { ...best, questions: event.target.checked ? [...others, label] : others })
                }}
              />
            ))}
          </div>
        </Card>
      ))}
      {slips.length > 0 && (
        <ul className="grid gap-1 text-sm text-wrong" role="status">
          {[...new Set(slips)].map((slip) => (
            <li key={slip}>{t(slip)}</li>
          ))}
        </ul>
      )}
      {questions.length > 1 && (
        <Button
          look="ghost"
          small
          className="justify-self-start"
          onClick={() => onChange([...bestOf, { count: 1, questions: [] }])}
        >
          <Plus aria-hidden className="size-4" />
          {t('guide.addBestOf')}
        </Button>
      )}
    </>
  )
}
