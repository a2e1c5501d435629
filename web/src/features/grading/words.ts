import type { Api } from '@/api/types'

type Evidence = Api<'Evidence'>
type Reading = Api<'ScriptReading'>
type Quad = number[][]

export type ReadWord = { text: string; confidence: number; page: number; quad: Quad | undefined }
/** A piece of an answer's text: white space, or a word with what the reader thinks of it. */
export type Piece = { text: string; start: number; word: ReadWord | undefined }
export type Region = { page: number; left: number; top: number; right: number; bottom: number }

/** Below this, a word is marked as doubtful. */
export const DOUBTFUL = 0.75

const wordsOf = (reading: Reading): ReadWord[] =>
  reading.pages.flatMap(({ page, lines }) =>
    lines.flatMap(({ words }) =>
      words
        .filter((word) => !word.struck_out)
        .map(({ text, confidence, quad }) => ({ text, confidence, page, quad: quad ?? undefined })),
    ),
  )

const LOOK_AHEAD = 40

/**
 * The answer's words with those on the pages that they were read from. An answer is made of lines of the reading, so
 * its words follow each other there too, but for the lines between that belong to other answers.
 */
export function piecesOf(answer: string, reading: Reading | undefined): Piece[] {
  const read = reading ? wordsOf(reading) : []
  const tokens = [...answer.matchAll(/\s+|\S+/gu)]
  const spelt = tokens.map(([text]) => text).filter((text) => /\S/.test(text))
  let next = anchor(spelt, 0, read)
  let index = 0
  return tokens.map((match) => {
    const piece = { text: match[0], start: match.index }
    if (!/\S/.test(match[0])) return { ...piece, word: undefined }
    let found = read.slice(next, next + LOOK_AHEAD).findIndex((word) => word.text === match[0])
    if (found < 0) {
      const elsewhere = anchor(spelt, index, read)
      if (read[elsewhere]?.text === match[0]) [next, found] = [elsewhere, 0]
    }
    index += 1
    if (found < 0) return { ...piece, word: undefined }
    const word = read[next + found]
    next += found + 1
    return { ...piece, word }
  })
}

/**
 * Where the words from `index` on stand best in what was read: the place at which most of the next few are the same.
 */
function anchor(spelt: string[], index: number, read: ReadWord[]): number {
  const wanted = spelt.slice(index, index + 5)
  let [best, most] = [0, 0]
  for (let place = 0; place < read.length; place++) {
    if (read[place]?.text !== wanted[0]) continue
    const same = wanted.filter((text, i) => read[place + i]?.text === text).length
    if (same > most) [best, most] = [place, same]
  }
  return best
}

export const isDoubtful = ({ word }: Piece) => word !== undefined && word.confidence < DOUBTFUL

/** Evidence counts bytes of UTF-8, the browser counts UTF-16 units. */
export function rangeOf(answer: string, { start, end }: Pick<Evidence, 'start' | 'end'>): [number, number] {
  const bytes = new TextEncoder().encode(answer)
  const decode = (to: number) => new TextDecoder().decode(bytes.subarray(0, to)).length
  return [decode(start), decode(end)]
}

/** The upright rectangle around quads. */
export function around(quads: Quad[]): Omit<Region, 'page'> | undefined {
  const [xs, ys] = [
    quads.flatMap((quad) => quad.map(([x = 0]) => x)),
    quads.flatMap((quad) => quad.map(([, y = 0]) => y)),
  ]
  if (xs.length === 0) return undefined
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) }
}

/** Where the answer begins: the part of it on its first page. */
export function regionOf(pieces: Piece[]): Region | undefined {
  const words = pieces.flatMap(({ word }) => (word?.quad ? [word] : []))
  const page = words[0]?.page
  if (page === undefined) return undefined
  const rectangle = around(words.filter((word) => word.page === page).flatMap(({ quad }) => (quad ? [quad] : [])))
  return rectangle && { page, ...rectangle }
}

type Page = Reading['pages'][number]
/** A page as it is shown, and what of its picture is covered. */
export type Shown = { page: Page; covered: Omit<Region, 'page'>[] }

/** A cover reaches this far over what it covers, in pixels of the picture: letters do over their boxes. */
export const COVER_MARGIN = 12
/** So much of a first page is its head where no line of an answer says where that ends. */
const HEAD = 1 / 6

/**
 * The pages without the lines that belong to no answer, and where those stand: a name is in such a line, and whoever
 * grades blindly must not see it.
 */
export function withoutLoose(pages: Page[], tray: Api<'TrayLine'>[]): Shown[] {
  const bare = (text: string) => text.replace(/\s+/g, '')
  return pages.map((page) => {
    const loose = new Set(tray.filter((it) => it.page === page.page).map((it) => bare(it.text)))
    const isLoose = (line: Page['lines'][number]) => loose.has(bare(line.words.map((word) => word.text).join('')))
    const covered = page.lines
      .filter(isLoose)
      .flatMap(({ words }) => around(words.flatMap(({ quad }) => (quad ? [quad] : []))) ?? [])
    return { page: { ...page, lines: page.lines.filter((line) => !isLoose(line)) }, covered }
  })
}

/**
 * The pages for whoever grades blindly: without the lines that belong to no answer, and without the head of the first
 * page, where a name stands that nobody could read, too.
 */
export const withoutNames = (pages: Page[], tray: Api<'TrayLine'>[]): Shown[] =>
  withoutLoose(pages, tray).map((shown) =>
    shown.page.page === 1 ? { ...shown, covered: [headOf(shown.page), ...shown.covered] } : shown,
  )

/** What stands above the first line of an answer. */
function headOf({ lines, width, height }: Page): Omit<Region, 'page'> {
  const quads = lines.flatMap(({ words }) => words.flatMap(({ quad }) => (quad ? [quad] : [])))
  const end = around(quads)?.top ?? height * HEAD
  return { left: 0, top: 0, right: width, bottom: Math.max(end - COVER_MARGIN, 0) }
}

/** Whether a picture may show a name elsewhere than in its head: no line was read that could be one. */
export const isNameMissing = (pages: Page[], tray: Api<'TrayLine'>[]) =>
  pages.some((page) => page.url) && !tray.some((line) => line.page === 1)
