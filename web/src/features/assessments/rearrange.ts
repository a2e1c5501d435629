import { MOST_BYTES } from './grouping'
import { partsOf, type Rearranged, type Tile } from './pages'

/** The files of these tiles: the very same where nothing was changed, else PDFs that are written anew. */
export async function filesOf(tiles: Tile[]): Promise<File[]> {
  const files: File[] = []
  for (const { file, rearranged } of partsOf(tiles)) files.push(rearranged ? await rewritten(file, rearranged) : file)
  return files
}

/** A PDF of these pages of a PDF. They are copied as they are, not drawn. */
async function rewritten(file: File, { order, of }: Rearranged): Promise<File> {
  const { PDFDocument, PDFName } = await import('@cantoo/pdf-lib')
  const source = await PDFDocument.load(await file.arrayBuffer(), { updateMetadata: false })
  // Of a damaged PDF, what has drawn it may have found other pages.
  if (source.getPageCount() !== of) throw new Error(`${file.name}: not the pages that were shown`)
  // A link would bring along the page to which it leads, though it was left out: nothing may be on that page any more.
  const structure = ['Type', 'Parent'].map((key) => PDFName.of(key))
  for (const [i, { node }] of source.getPages().entries()) {
    if (order.includes(i)) continue
    for (const key of node.keys()) if (!structure.includes(key)) node.delete(key)
  }
  const target = await PDFDocument.create()
  for (const page of await target.copyPages(source, order)) target.addPage(page)
  const content = new Uint8Array(await target.save())
  if (content.length > MOST_BYTES) throw new RangeError(`${file.name}: too large once its pages are in order`)
  return new File([content], file.name, { type: 'application/pdf' })
}
