/** What is shown as one tile: a file, or one page of a PDF. */
export type Tile = {
  id: string
  file: File
  /** Which page of the PDF, from 0; nothing for a whole file. */
  page?: number
  /** How many pages the PDF has; nothing as long as it is not known, and for what is no PDF. */
  pages?: number
}

/** A file that is handed in: as it is, or these pages of it, in this order. */
export type Part = { file: File; rearranged?: Rearranged }
/** The pages, counted from 0, and how many the PDF has. */
export type Rearranged = { order: number[]; of: number }

/** A PDF of more pages is one tile: nobody puts so many in order by hand. */
const MOST_PAGES = 60

/** Each file as one tile. */
export const tilesOf = (files: File[]): Tile[] => files.map((file) => ({ id: crypto.randomUUID(), file }))

/** The tile at another place, counted from 0. */
export function moved(tiles: Tile[], id: string, to: number): Tile[] {
  const tile = tiles.find((it) => it.id === id)
  return tile ? without(tiles, id).toSpliced(to, 0, tile) : tiles
}

export const without = (tiles: Tile[], id: string): Tile[] => tiles.filter((it) => it.id !== id)

/** Once it is known how many pages the PDF of a tile has. */
export const counted = (tiles: Tile[], id: string, pages: number): Tile[] =>
  tiles.map((tile) => (tile.id === id ? { ...tile, pages } : tile))

/** A tile for each page in place of the one for the PDF, unless they are too many. The first page keeps its id. */
export const spread = (tiles: Tile[], id: string, pages: number): Tile[] =>
  pages > MOST_PAGES
    ? counted(tiles, id, pages)
    : tiles.flatMap((tile) => {
        if (tile.id !== id || tile.page !== undefined) return [tile]
        return Array.from({ length: pages }, (_, page) => ({
          id: page === 0 ? id : `${id} ${page}`,
          file: tile.file,
          page,
          pages,
        }))
      })

/** Each file whole again, where its first page is. */
export const gathered = (tiles: Tile[]): Tile[] => tilesOf([...new Set(tiles.map((tile) => tile.file))])

/** The files to hand in, in order. Pages of a PDF that follow each other stay in one file. */
export function partsOf(tiles: Tile[]): Part[] {
  const runs: Tile[][] = []
  for (const tile of tiles) {
    const run = runs.at(-1)
    if (tile.page !== undefined && run?.[0]?.page !== undefined && run[0].file === tile.file) run.push(tile)
    else runs.push([tile])
  }
  return runs.flatMap((run) => {
    const [first] = run
    if (!first) return []
    const order = run.flatMap((tile) => tile.page ?? [])
    const isUntouched = first.page === undefined || (run.length === first.pages && order.every((page, i) => page === i))
    return [isUntouched ? { file: first.file } : { file: first.file, rearranged: { order, of: first.pages ?? 0 } }]
  })
}
