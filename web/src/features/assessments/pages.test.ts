import { expect, it } from 'vitest'

import { counted, gathered, moved, partsOf, spread, tilesOf, without, type Tile } from './pages'

const file = (name: string) => new File([name], name)
const shape = (tiles: Tile[]) =>
  tiles.map(({ file, page }) => (page === undefined ? file.name : `${file.name}/${page}`)).join(' ')
const parts = (tiles: Tile[]) =>
  partsOf(tiles).map(({ file, rearranged }) => file.name + (rearranged ? `[${rearranged.order.join()}]` : ''))
const idAt = (tiles: Tile[], index: number) => tiles[index]?.id ?? ''
const spreadAt = (tiles: Tile[], index: number, pages: number) => spread(tiles, idAt(tiles, index), pages)

it('moves a tile to any place', () => {
  const tiles = tilesOf([file('a'), file('b'), file('c')])
  expect(shape(moved(tiles, idAt(tiles, 0), 2))).toBe('b c a')
  expect(shape(moved(tiles, idAt(tiles, 2), 0))).toBe('c a b')
  expect(shape(moved(tiles, idAt(tiles, 1), 1))).toBe('a b c')
  expect(shape(moved(tiles, 'unknown', 0))).toBe('a b c')
  expect(shape(without(tiles, idAt(tiles, 1)))).toBe('a c')
})

it('shows the pages of a PDF in its place, each with an id of its own', () => {
  const tiles = tilesOf([file('a'), file('b.pdf'), file('c')])
  const pages = spreadAt(tiles, 1, 3)
  expect(shape(pages)).toBe('a b.pdf/0 b.pdf/1 b.pdf/2 c')
  expect(new Set(pages.map((it) => it.id)).size).toBe(5)
  // The picture of the first page is drawn already.
  expect(idAt(pages, 1)).toBe(idAt(tiles, 1))
  expect(spreadAt(pages, 1, 3)).toEqual(pages)
})

it('keeps a PDF of very many pages as one tile that knows how many', () => {
  const tiles = tilesOf([file('a.pdf')])
  expect(spreadAt(tiles, 0, 60)).toHaveLength(60)
  expect(spreadAt(tiles, 0, 61)).toEqual([{ ...tiles[0], pages: 61 }])
  expect(counted(tiles, idAt(tiles, 0), 300)).toEqual([{ ...tiles[0], pages: 300 }])
  expect(parts(counted(tiles, idAt(tiles, 0), 300))).toEqual(['a.pdf'])
})

it('hands in a PDF as it is, unless its pages were moved or left out', () => {
  const tiles = spreadAt(tilesOf([file('a.pdf')]), 0, 3)
  expect(parts(tiles)).toEqual(['a.pdf'])
  const turned = moved(tiles, idAt(tiles, 2), 0)
  expect(parts(turned)).toEqual(['a.pdf[2,0,1]'])
  expect(parts(moved(turned, idAt(turned, 0), 2))).toEqual(['a.pdf'])
  expect(parts(without(tiles, idAt(tiles, 1)))).toEqual(['a.pdf[0,2]'])
  expect(parts(without(tiles, idAt(tiles, 2)))).toEqual(['a.pdf[0,1]'])
  expect(shape(gathered(turned))).toBe('a.pdf')
})

it('divides a PDF where another file was put between its pages', () => {
  const tiles = spreadAt(tilesOf([file('a.pdf'), file('b.jpg'), file('c.jpg')]), 0, 2)
  expect(parts(tiles)).toEqual(['a.pdf', 'b.jpg', 'c.jpg'])
  const mixed = moved(tiles, idAt(tiles, 2), 1)
  expect(parts(mixed)).toEqual(['a.pdf[0]', 'b.jpg', 'a.pdf[1]', 'c.jpg'])
  expect(shape(gathered(mixed))).toBe('a.pdf b.jpg c.jpg')
  // Two files of the same name are two files.
  expect(parts(tilesOf([file('same.jpg'), file('same.jpg')]))).toEqual(['same.jpg', 'same.jpg'])
})
