import { useState } from 'react'

import type { Api } from '@/api/types'
import { Dialog } from '@/components/dialog'
import { SelectField } from '@/components/field'
import { Loaded } from '@/components/states'
import { useI18n } from '@/i18n'

import { useGuide } from './api/use-guide'
import { Changes } from './guide-changes'

/** Two published versions of a guide, compared. */
export function GuideVersions({ assessment, onClose }: { assessment: Api<'Assessment'>; onClose: () => void }) {
  const { t } = useI18n()
  const versions = assessment.guides.map((guide) => guide.version)
  const [before, setBefore] = useState(versions.at(-2) ?? 1)
  const [after, setAfter] = useState(versions.at(-1) ?? 1)
  const [old, fresh] = [useGuide(assessment.id, before), useGuide(assessment.id, after)]
  const choose = (label: string, value: number, set: (version: number) => void) => (
    <SelectField label={label} value={value} onChange={(event) => set(Number(event.target.value))}>
      {versions.map((version) => (
        <option key={version} value={version}>
          {t('guide.version', { version })}
        </option>
      ))}
    </SelectField>
  )
  return (
    <Dialog title={t('guide.versions')} open onClose={onClose} wide>
      <div className="grid gap-5">
        <div className="flex flex-wrap gap-4">
          {choose(t('guide.from'), before, setBefore)}
          {choose(t('guide.to'), after, setAfter)}
        </div>
        <Loaded query={old}>
          {(old) => <Loaded query={fresh}>{(fresh) => <Changes before={old} after={fresh} />}</Loaded>}
        </Loaded>
      </div>
    </Dialog>
  )
}
