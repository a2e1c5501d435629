// @vitest-environment node
import { PDFDocument, PDFName } from '@cantoo/pdf-lib'
import { expect, it } from 'vitest'

import { moved, spread, tilesOf, without, type Tile } from './pages'
import { filesOf } from './rearrange'

const WIDTHS = [300, 400, 500]

/** A PDF whose pages are told apart by how wide they are. */
async function pdf(): Promise<File> {
  const document = await PDFDocument.create()
  for (const width of WIDTHS) document.addPage([width, 600]).drawText(`as wide as ${width}`)
  return new File([new Uint8Array(await document.save())], 'script.pdf', { type: 'application/pdf' })
}
const pagesOf = (file: File, pages = WIDTHS.length): Tile[] => {
  const tiles = tilesOf([file])
  return spread(tiles, tiles[0]?.id ?? '', pages)
}
const idOf = (tiles: Tile[], page: number) => tiles.find((it) => it.page === page)?.id ?? ''
async function widths(file: File | undefined): Promise<number[]> {
  const document = await PDFDocument.load((await file?.arrayBuffer()) ?? '')
  return document.getPages().map((page) => page.getWidth())
}

it('hands in the very same bytes where nothing was changed', async () => {
  const file = await pdf()
  const before = new Uint8Array(await file.arrayBuffer())
  const [same] = await filesOf(pagesOf(file))
  expect(same).toBe(file)
  expect(new Uint8Array((await same?.arrayBuffer()) ?? [])).toEqual(before)
})

it('writes the pages in their new order', async () => {
  const file = await pdf()
  const tiles = pagesOf(file)
  const [made, ...others] = await filesOf(moved(tiles, idOf(tiles, 2), 0))
  expect(others).toEqual([])
  expect(made).not.toBe(file)
  expect([made?.name, made?.type]).toEqual(['script.pdf', 'application/pdf'])
  expect(await widths(made)).toEqual([500, 300, 400])
})

it('leaves pages out, with all that stands on them', async () => {
  const file = await pdf()
  const tiles = pagesOf(file)
  const [made] = await filesOf(without(tiles, idOf(tiles, 1)))
  expect(await widths(made)).toEqual([300, 500])
  expect(made?.size).toBeLessThan(file.size)
})

it('keeps nothing of a page that was left out, even if another one links to it', async () => {
  const document = await PDFDocument.load(await (await pdf()).arrayBuffer())
  const [first, second] = document.getPages()
  const link = { Type: 'Annot', Subtype: 'Link', Rect: [0, 0, 9, 9], Dest: [second?.ref ?? null, 'Fit'] }
  first?.node.set(PDFName.of('Annots'), document.context.obj([link]))
  const secret = new Uint8Array(5000).map((_, i) => (i * 7919) % 251)
  second?.node.set(PDFName.of('Contents'), document.context.register(document.context.stream(secret)))
  const content = new Uint8Array(await document.save())
  expect(content.length).toBeGreaterThan(secret.length)
  const tiles = pagesOf(new File([content], 'linked.pdf'))
  const [made] = await filesOf(without(tiles, idOf(tiles, 1)))
  expect(await widths(made)).toEqual([300, 500])
  expect(made?.size).toBeLessThan(secret.length)
})

it('refuses a PDF that has other pages than were shown', async () => {
  const tiles = pagesOf(await pdf(), 2)
  await expect(filesOf(moved(tiles, idOf(tiles, 1), 0))).rejects.toThrow('not the pages that were shown')
})

it('refuses a PDF that it can not read, so that no page gets lost', async () => {
  const tiles = pagesOf(new File(['%PDF-1.7 no more'], 'bad.pdf', { type: 'application/pdf' }))
  await expect(filesOf(moved(tiles, idOf(tiles, 2), 0))).rejects.toThrow()
})
