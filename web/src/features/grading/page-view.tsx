import { Maximize, RotateCw, ZoomIn, ZoomOut } from 'lucide-react'
import { useEffect, useRef } from 'react'

import type { Api } from '@/api/types'
import { IconButton } from '@/components/button'
import { useI18n } from '@/i18n'
import { cn } from '@/lib/cn'

import { COVER_MARGIN, isDoubtful, type Piece, type Region, type Shown } from './words'

export type View = { zoom: number; rotation: number }
export const FIT: View = { zoom: 1, rotation: 0 }
export const zoomed = (view: View, by: number): View => ({ ...view, zoom: Math.min(4, Math.max(0.5, view.zoom * by)) })
export const rotated = (view: View): View => ({ ...view, rotation: (view.rotation + 90) % 360 })

export type Mark = {
  criterion: string
  tone: 'right' | 'doubt' | 'wrong'
  page: number
  quad: number[][]
  number: number
}

type Props = {
  pages: Shown[]
  marks: Mark[]
  pieces: Piece[]
  region: Region | undefined
  active: string | undefined
  onActive: (criterion: string | undefined) => void
  view: View
  onView: (view: View) => void
}

const TONES = {
  right: 'stroke-mark-good fill-mark-good',
  doubt: 'stroke-mark-doubt fill-mark-doubt',
  wrong: 'stroke-mark-wrong fill-mark-wrong',
}

/** The pages with the evidence boxed. The answer at hand is brought into view. */
export function PageView({ pages, marks, pieces, region, active, onActive, view, onView }: Props) {
  const { t, said } = useI18n()
  const box = useRef<HTMLDivElement>(null)
  const answer = useRef<SVGRectElement>(null)
  const place = region && `${region.page} ${region.left} ${region.top}`
  useEffect(() => {
    const [frame, target] = [box.current, answer.current]
    if (!frame || !target) return
    const [outer, inner] = [frame.getBoundingClientRect(), target.getBoundingClientRect()]
    const spare = Math.max((outer.height - inner.height) / 3, 24)
    frame.scrollTop += inner.top - outer.top - spare
    frame.scrollLeft += inner.left - outer.left - 24
  }, [place, view.zoom, view.rotation])
  // The evidence of a criterion that is chosen beside the page comes into view; what the pointer is on is there.
  useEffect(() => {
    const frame = box.current
    const target = active === undefined ? null : frame?.querySelector(`[data-criterion="${CSS.escape(active)}"]`)
    if (!frame || !target || target.matches(':hover')) return
    const [outer, inner] = [frame.getBoundingClientRect(), target.getBoundingClientRect()]
    if (inner.top < outer.top || inner.bottom > outer.bottom)
      frame.scrollTop += inner.top - outer.top - outer.height / 3
    if (inner.left < outer.left || inner.right > outer.right) frame.scrollLeft += inner.left - outer.left - 24
  }, [active])

  return (
    <div className="relative h-full min-h-0">
      <div
        ref={box}
        tabIndex={0}
        role="region"
        aria-label={t('grade.pages')}
        className="h-full overflow-auto bg-sunken p-3 sm:p-5"
      >
        <div className="mx-auto grid gap-5" style={{ width: `${view.zoom * 100}%` }}>
          {pages.map(({ page, covered }) =>
            page.url && page.width > 0 ? (
              <Sheet key={page.page} page={page} rotation={view.rotation}>
                {covered.map(({ left, top, right, bottom }) => (
                  <rect
                    key={`${left} ${top} ${right} ${bottom}`}
                    x={left - COVER_MARGIN}
                    y={top - COVER_MARGIN}
                    width={right - left + 2 * COVER_MARGIN}
                    height={bottom - top + 2 * COVER_MARGIN}
                    className="fill-mark-cover"
                  />
                ))}
                {region?.page === page.page && (
                  <rect
                    ref={answer}
                    x={region.left - 14}
                    y={region.top - 14}
                    width={region.right - region.left + 28}
                    height={region.bottom - region.top + 28}
                    rx={12}
                    className="fill-none stroke-mark-answer/50"
                    strokeWidth={2}
                    strokeDasharray="10 8"
                  />
                )}
                {pieces
                  .filter((it) => isDoubtful(it) && it.word?.page === page.page && it.word.quad)
                  .map((it) => (
                    <polyline
                      key={it.start}
                      points={[it.word?.quad?.[3], it.word?.quad?.[2]].map((point) => point?.join(',')).join(' ')}
                      className="fill-none stroke-mark-doubt"
                      strokeWidth={3}
                      strokeDasharray="5 5"
                    />
                  ))}
                {marks
                  .filter((mark) => mark.page === page.page)
                  .map((mark, i) => (
                    <polygon
                      key={i}
                      points={grown(mark.quad, 3 + 4 * (mark.number % 4))
                        .map((point) => point.join(','))
                        .join(' ')}
                      strokeWidth={active === mark.criterion ? 5 : 2.5}
                      data-criterion={mark.criterion}
                      className={cn(
                        'cursor-pointer transition-[fill-opacity]',
                        TONES[mark.tone],
                        active === mark.criterion ? '[fill-opacity:0.28]' : '[fill-opacity:0.03]',
                      )}
                      onMouseEnter={() => onActive(mark.criterion)}
                      onMouseLeave={() => onActive(undefined)}
                    />
                  ))}
              </Sheet>
            ) : (
              <div key={page.page} className="rounded-xl bg-surface p-6 text-sm whitespace-pre-wrap shadow-card">
                {page.failure
                  ? said(page.failure)
                  : page.lines.map((line) => line.words.map((word) => word.text).join(' ')).join('\n')}
              </div>
            ),
          )}
          {pages.length === 0 && <p className="p-8 text-center text-sm text-ink-soft">{t('grade.noPages')}</p>}
        </div>
      </div>
      <div className="absolute right-4 bottom-4 flex gap-0.5 rounded-xl border border-line bg-surface p-1 shadow-card">
        <IconButton label={t('grade.zoomOut')} onClick={() => onView(zoomed(view, 1 / 1.25))}>
          <ZoomOut aria-hidden className="size-4" />
        </IconButton>
        <IconButton label={t('grade.fit')} onClick={() => onView(FIT)}>
          <Maximize aria-hidden className="size-4" />
        </IconButton>
        <IconButton label={t('grade.zoomIn')} onClick={() => onView(zoomed(view, 1.25))}>
          <ZoomIn aria-hidden className="size-4" />
        </IconButton>
        <IconButton label={t('grade.rotate')} onClick={() => onView(rotated(view))}>
          <RotateCw aria-hidden className="size-4" />
        </IconButton>
      </div>
    </div>
  )
}

/** A quad a little larger, so that the boxes of criteria that share their evidence all show. */
function grown(quad: number[][], by: number): number[][] {
  const signs = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ]
  return quad.map(([x = 0, y = 0], i) => [x + by * (signs[i]?.[0] ?? 0), y + by * (signs[i]?.[1] ?? 0)])
}

type SheetProps = { page: Api<'ScriptReading'>['pages'][number]; rotation: number; children: React.ReactNode }

/** One page: its picture and what is drawn on it, turned together. */
function Sheet({ page, rotation, children }: SheetProps) {
  const { t } = useI18n()
  const { width, height } = page
  const isTurned = rotation % 180 !== 0
  const [across, down] = isTurned ? [height, width] : [width, height]
  const turn = {
    0: '',
    90: `translate(${height} 0) rotate(90)`,
    180: `translate(${width} ${height}) rotate(180)`,
    270: `translate(0 ${width}) rotate(270)`,
  }[rotation]
  return (
    <figure className="overflow-hidden rounded-lg bg-white shadow-card">
      <svg
        viewBox={`0 0 ${across} ${down}`}
        className="block h-auto w-full"
        style={{ aspectRatio: `${across} / ${down}` }}
      >
        <title>{t('grade.page', { number: page.page })}</title>
        <g transform={turn}>
          <image href={page.url ?? ''} width={width} height={height} />
          {children}
        </g>
      </svg>
    </figure>
  )
}
