import { useMemo, useRef, useState, type RefObject } from 'react'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Dialog } from '@/components/dialog'
import { SelectField, TextArea } from '@/components/field'
import { FileDrop } from '@/components/file-drop'
import { FormError, Notice } from '@/components/states'
import { useI18n, type Key } from '@/i18n'

import { useReadGuideFile } from './api/use-read-guide-file'
import { linesOf, slipsOf, totalOf, type BestOf, type Question } from './guide'
import { formatOf, parseGuide, type Format } from './guide-formats'

type Props = {
  assessment: string
  onClose: () => void
  onImport: (questions: Question[], bestOf: BestOf[]) => void
}
type LeftOut = Api<'LeftOut'>
type Source = { text: string; format: Format; leftOut?: LeftOut[] }

const LEFT_OUT: Record<LeftOut['what'], Key> = {
  picture: 'guide.leftPicture',
  formula: 'guide.leftFormula',
  note: 'guide.leftNote',
  page: 'guide.leftPage',
}

/** A guide from a file or pasted text: the source on one side, what was understood on the other, to be confirmed. */
export default function GuideImport({ assessment, onClose, onImport }: Props) {
  const { t } = useI18n()
  const [source, setSource] = useState<Source>()
  const read = useReadGuideFile(assessment)
  const textArea = useRef<HTMLTextAreaElement>(null)
  const parsed = useMemo(() => source && parseGuide(source.text, source.format), [source])
  const slips = useMemo(() => slipsOf(parsed?.questions ?? []), [parsed])
  const take = async (file: File | undefined) => {
    if (!file) return
    if (isDocument(file)) {
      read.mutate(file, {
        onSuccess: ({ text, left_out }) => setSource({ text, format: 'markdown', leftOut: left_out }),
      })
      return
    }
    read.reset()
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
            accept=".docx,.pdf,.md,.markdown,.txt,.csv,.tsv,.json"
            busy={read.isPending}
            onFiles={([file]) => void take(file)}
          >
            <Button look="ghost" onClick={() => setSource({ text: '', format: 'markdown' })}>
              {t('guide.paste')}
            </Button>
          </FileDrop>
          <FormError error={read.error} />
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
                className="[&_textarea]:max-h-96"
                ref={textArea}
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
                  <LineButton line={note.line} source={textArea} />
                  <span className="break-words">{note.text}</span>
                </Notice>
              ))}
              {source.leftOut?.map(({ line, what }, i) => (
                <Notice key={i} tone="info">
                  <LineButton line={line} source={textArea} />
                  <span>{t(LEFT_OUT[what])}</span>
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

/** Whether a file is read by the service; a file without a name for its type may be text. */
const isDocument = (file: File) => /\.(docx?|odt|rtf|pages|pdf)$/i.test(file.name)

/** The number of a line, which shows it in the source. */
function LineButton({ line, source }: { line: number; source: RefObject<HTMLTextAreaElement | null> }) {
  const { t } = useI18n()
  const show = () => {
    const area = source.current
    if (!area) return
    const lines = area.value.split('\n')
    const start = lines.slice(0, line - 1).reduce((length, it) => length + it.length + 1, 0)
    area.focus()
    area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0))
    area.scrollTo({ top: Math.max(0, ((line - 3) / lines.length) * area.scrollHeight) })
  }
  return (
    <button type="button" className="justify-self-start font-medium underline underline-offset-4" onClick={show}>
      {t('roster.line', { line })}
    </button>
  )
}
