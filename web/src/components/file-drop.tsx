import { FileUp, LoaderCircle } from 'lucide-react'
import { useRef, useState, type DragEvent, type ReactNode } from 'react'

import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'
import { droppedFiles } from '@/lib/dropped-files'

import { Button } from './button'

type Props = {
  label: string
  accept: string
  multiple?: boolean
  busy?: boolean
  onFiles: (files: File[]) => void
  children?: ReactNode
}

/** Where files are dropped, folders too, or chosen. */
export function FileDrop({ label, accept, multiple, busy, onFiles, children }: Props) {
  const { t } = useI18n()
  const [over, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const drop = async (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    onFiles(await droppedFiles(event.dataTransfer))
  }
  return (
    <div
      role="group"
      aria-label={label}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => void drop(event)}
      className={cn(
        'grid justify-items-center gap-4 rounded-2xl border-2 border-dashed border-line-strong/50 px-6 py-10 text-center',
        over && 'border-accent bg-accent-soft',
      )}
    >
      {busy ? (
        <LoaderCircle aria-hidden className="size-8 animate-spin text-accent" />
      ) : (
        <FileUp aria-hidden className="size-8 text-accent" />
      )}
      <p className="max-w-prose text-sm">{label}</p>
      <div className="flex flex-wrap justify-center gap-2">
        <Button look="secondary" busy={busy} onClick={() => input.current?.click()}>
          {t(multiple ? 'upload.chooseFiles' : 'upload.chooseFile')}
        </Button>
        {children}
      </div>
      <input
        ref={input}
        type="file"
        accept={accept}
        multiple={multiple}
        aria-label={label}
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])])
          event.target.value = ''
        }}
      />
    </div>
  )
}
