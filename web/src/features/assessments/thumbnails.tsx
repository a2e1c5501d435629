import { ArrowLeft, ArrowRight, X } from 'lucide-react'
import { useEffect, useEffectEvent, useMemo, useRef, useState, type DragEvent, type MouseEvent } from 'react'
import { flushSync } from 'react-dom'

import { IconButton } from '@/components/button'
import { useI18n } from '@/i18n'

import { contentType } from './grouping'
import { moved, without, type Tile } from './pages'
import { pictureOf } from './pdf-pictures'

type Props = {
  tiles: Tile[]
  onChange: (change: (tiles: Tile[]) => Tile[]) => void
  /** Called once it is known how many pages the PDF of a tile has. */
  onCount: (id: string, pages: number) => void
}

const isPdf = (file: File) => contentType(file) === 'application/pdf'
const isPicture = (file: File) => contentType(file)?.startsWith('image/') ?? false

/** Files and pages, to be put in order by dragging or with the arrows, or left out. */
export function Thumbnails({ tiles, onChange, onCount }: Props) {
  const { t } = useI18n()
  const list = useRef<HTMLOListElement>(null)
  const [dragged, setDragged] = useState<string>()
  const [said, setSaid] = useState('')

  const move = (id: string, to: number) => {
    flushSync(() => onChange((all) => moved(all, id, to)))
    setSaid(t('upload.moved', { to: to + 1, all: tiles.length }))
  }
  const step = (event: MouseEvent<HTMLButtonElement>, id: string, to: number) => {
    if (to < 0 || to >= tiles.length) return
    const button = event.currentTarget
    move(id, to)
    // A tile that takes another place in the document loses the focus.
    button.focus()
  }
  const leaveOut = (id: string, place: number) => {
    flushSync(() => onChange((all) => without(all, id)))
    setSaid(t('upload.leftOut', { count: tiles.length - 1 }))
    const buttons = list.current?.querySelectorAll<HTMLElement>('[data-leave-out]')
    const next = buttons?.[Math.min(place, buttons.length - 1)] ?? list.current
    next?.focus()
  }
  const drag = (event: DragEvent, id: string) => {
    // Some browsers drag only what bears data.
    event.dataTransfer.setData('application/x-smartscripts-tile', id)
    event.dataTransfer.effectAllowed = 'move'
    setDragged(id)
  }
  const drop = (event: DragEvent, to: number) => {
    event.preventDefault()
    event.stopPropagation()
    if (dragged !== undefined) move(dragged, to)
    setDragged(undefined)
  }
  return (
    <div>
      <ol ref={list} tabIndex={-1} className="flex flex-wrap gap-3">
        {tiles.map((tile, i) => {
          const number = i + 1
          const isWholePdf = tile.page === undefined && isPdf(tile.file)
          const name = t(isWholePdf ? 'upload.thisFile' : 'upload.thisPage', { number })
          return (
            <li
              key={tile.id}
              draggable={tiles.length > 1}
              onDragStart={(event) => drag(event, tile.id)}
              onDragEnd={() => setDragged(undefined)}
              onDragOver={(event) => event.preventDefault()}
              onDrop={(event) => drop(event, i)}
              className="grid w-28 content-start gap-1 rounded-lg border border-line bg-surface p-1.5"
            >
              <Thumbnail tile={tile} number={number} onCount={(pages) => onCount(tile.id, pages)} />
              <p className="truncate text-xs text-ink-soft" title={tile.file.name}>
                {number}. {tile.file.name}
              </p>
              {isWholePdf && tile.pages !== undefined && (
                <p className="text-xs text-ink-soft">{t('assessments.pages', { count: tile.pages })}</p>
              )}
              {tiles.length > 1 && (
                <div className="flex justify-between">
                  <IconButton
                    label={t('upload.earlier', { name })}
                    className="size-7 aria-disabled:cursor-not-allowed aria-disabled:opacity-45"
                    aria-disabled={i === 0}
                    onClick={(event) => step(event, tile.id, i - 1)}
                  >
                    <ArrowLeft aria-hidden className="size-4" />
                  </IconButton>
                  <IconButton
                    label={t('upload.leaveOut', { name })}
                    className="size-7"
                    data-leave-out
                    onClick={() => leaveOut(tile.id, i)}
                  >
                    <X aria-hidden className="size-4" />
                  </IconButton>
                  <IconButton
                    label={t('upload.later', { name })}
                    className="size-7 aria-disabled:cursor-not-allowed aria-disabled:opacity-45"
                    aria-disabled={i === tiles.length - 1}
                    onClick={(event) => step(event, tile.id, i + 1)}
                  >
                    <ArrowRight aria-hidden className="size-4" />
                  </IconButton>
                </div>
              )}
            </li>
          )
        })}
      </ol>
      <p aria-live="polite" className="sr-only">
        {said}
      </p>
    </div>
  )
}

type ThumbnailProps = { tile: Tile; number: number; onCount: (pages: number) => void }

function Thumbnail({ tile: { file, page }, number, onCount }: ThumbnailProps) {
  const { t } = useI18n()
  if (isPicture(file)) return <Photo file={file} label={t('upload.page', { number, file: file.name })} />
  if (!isPdf(file)) return <Ending file={file} label={t('upload.page', { number, file: file.name })} />
  const label =
    page === undefined
      ? t('upload.file', { number, file: file.name })
      : t('upload.pageOfPdf', { number, file: file.name, page: page + 1 })
  return <PdfPage file={file} page={page ?? 0} label={label} onCount={onCount} />
}

type PictureProps = { file: File; label: string }

function Photo({ file, label }: PictureProps) {
  const url = useMemo(() => URL.createObjectURL(file), [file])
  useEffect(() => () => URL.revokeObjectURL(url), [url])
  return <Picture url={url} label={label} />
}

/** A page of a PDF, drawn when it is about to be seen. What can't be drawn goes on showing what kind of file it is. */
function PdfPage({ file, page, label, onCount }: PictureProps & { page: number; onCount: (pages: number) => void }) {
  const place = useRef<HTMLDivElement>(null)
  const [url, setUrl] = useState<string>()
  const count = useEffectEvent(onCount)
  useEffect(() => {
    const gone = new AbortController()
    let drawn: string | undefined
    const show = ({ picture, pages }: Awaited<ReturnType<typeof pictureOf>>) => {
      if (gone.signal.aborted) return
      drawn = URL.createObjectURL(picture)
      setUrl(drawn)
      count(pages)
    }
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return
        observer.disconnect()
        pictureOf(file, page, gone.signal).then(show, () => undefined)
      },
      { rootMargin: '300px' },
    )
    if (place.current) observer.observe(place.current)
    return () => {
      gone.abort()
      observer.disconnect()
      if (drawn) URL.revokeObjectURL(drawn)
    }
  }, [file, page])
  return <div ref={place}>{url ? <Picture url={url} label={label} /> : <Ending file={file} label={label} />}</div>
}

const Picture = ({ url, label }: { url: string; label: string }) => (
  // The tile is dragged, not the picture on it.
  <img src={url} alt={label} loading="lazy" draggable={false} className="h-32 w-full rounded object-cover object-top" />
)

const Ending = ({ file, label }: PictureProps) => (
  <div
    role="img"
    aria-label={label}
    className="grid h-32 place-items-center rounded bg-sunken text-xs font-semibold uppercase"
  >
    {file.name.split('.').at(-1)}
  </div>
)
