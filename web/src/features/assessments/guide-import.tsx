import { useMemo, useState } from 'react'

import { Button } from '@/components/button'
import { Dialog } from '@/components/dialog'
import { SelectField, TextArea } from '@/components/field'
import { FileDrop } from '@/components/file-drop'
import { Notice } from '@/components/states'
import { useI18n } from '@/i18n'

import { linesOf, slipsOf, totalOf, type BestOf, type Question } from './guide'
import { formatOf, parseGuide, type Format } from './guide-formats'

type Props = { onClose: () => void; onImport: (questions: Question[], bestOf: BestOf[]) => void }

/** A guide from a file or pasted text: the source on one side, what was understood on the other, to be confirmed. */
export default function GuideImport({ onClose, onImport }: Props) {
  const { t } = useI18n()
  const [source, setSource] = useState<{ text: string; format: Format }>()
  const parsed = useMemo(() => source && parseGuide(source.text, source.format), [source])
  const slips = useMemo(() => slipsOf(parsed?.questions ?? []), [parsed])
  const take = async (file: File | undefined) => {
    if (!file) return
    const text = await file.text()
    setSource({ text, format: formatOf(file.name, text) })
  }
  return (
    <Dialog title={t('guide.import')} open onClose={onClose} wide>
      {!source || !parsed ? (
        <div className="grid gap-5">
          <p className="text-sm text-ink-soft">{t('guide.importAbout')}</p>
          <FileDrop
            label={t('guide.importDrop')}
            accept=".md,.markdown,.txt,.csv,.tsv,.json"
            onFiles={([file]) => void take(file)}
          >
            <Button look="ghost" onClick={() => setSource({ text: '', format: 'markdown' })}>
              {t('guide.paste')}
            </Button>
          </FileDrop>
        </div>
      ) : (
        <div className="grid gap-5">
          <div className="grid gap-5 lg:grid-cols-2">
            <div className="grid content-start gap-3">
              <SelectField
                label={t('audit.format')}
                value={source.format}
                onChange={(event) => setSource({ ...source, format: event.target.value as Format })}
              >
                <option value="markdown">Markdown</option>
                <option value="csv">CSV</option>
                <option value="json">JSON</option>
              </SelectField>
              <TextArea
                label={t('guide.source')}
                hint={t('guide.sourceHint')}
                rows={14}
                value={source.text}
                onChange={(event) => setSource({ ...source, text: event.target.value })}
              />
            </div>
            <div className="grid content-start gap-3">
              <p className="text-sm font-medium" role="status">
                {t('guide.total', { count: parsed.questions.length, marks: totalOf(parsed.questions, parsed.bestOf) })}
              </p>
              <div
                className="max-h-96 overflow-y-auto rounded-xl bg-sunken p-4 text-sm whitespace-pre-wrap"
                tabIndex={0}
                role="region"
                aria-label={t('guide.draft')}
              >
                {parsed.questions.map((it) => linesOf(it).join('\n')).join('\n\n') || t('guide.nothingFound')}
              </div>
              {parsed.notes.map((note) => (
                <Notice key={note.line} tone="doubt">
                  {t('roster.line', { line: note.line })}: {note.text}
                </Notice>
              ))}
              {slips.length > 0 && <Notice tone="doubt">{t('guide.slips', { count: slips.length })}</Notice>}
            </div>
          </div>
          <div className="flex justify-end gap-2">
            <Button look="ghost" onClick={() => setSource(undefined)}>
              {t('roster.otherFile')}
            </Button>
            <Button
              disabled={parsed.questions.length === 0}
              onClick={() => onImport(parsed.questions, parsed.bestOf ?? [])}
            >
              {t('guide.take')}
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  )
}
