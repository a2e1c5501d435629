import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist'
import decoderAddress from 'pdfjs-dist/wasm/openjpeg_nowasm_fallback.js?url'
import workerAddress from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url'

/** Pixels: twice what a tile has, for fine screens. */
const WIDTH = 224
const MOST_HEIGHT = 4 * WIDTH

type Opened = { file: File; pdf: PDFDocumentProxy }

/** The PDF that was drawn last. Only one is open at a time, since an open one is wholly in memory. */
let opened: Opened | undefined
let previous: Promise<unknown> = Promise.resolve()
let waiting = 0

/**
 * Draws a page of a PDF, counted from 0, when all that were asked for before are drawn; says how many pages there are.
 * Refuses a PDF that is damaged or encrypted.
 */
export function pictureOf(file: File, page: number, signal: AbortSignal): Promise<{ picture: Blob; pages: number }> {
  waiting += 1
  const mine = previous.then(async () => {
    try {
      signal.throwIfAborted()
      const pdf = await open(file)
      return { picture: await draw(await pdf.getPage(page + 1)), pages: pdf.numPages }
    } finally {
      waiting -= 1
      if (waiting === 0) await close()
    }
  })
  previous = mine.catch(() => undefined)
  return mine
}

async function open(file: File): Promise<PDFDocumentProxy> {
  if (opened?.file === file) return opened.pdf
  await close()
  const { getDocument, GlobalWorkerOptions } = await import('pdfjs-dist/legacy/build/pdf.mjs')
  GlobalWorkerOptions.workerSrc = workerAddress
  const opening = getDocument({
    data: new Uint8Array(await file.arrayBuffer()),
    // The content security policy allows neither.
    isEvalSupported: false,
    useWasm: false,
    // The decoder's address ends in a hash; what is appended to it as if it were a folder must not count.
    wasmUrl: `${decoderAddress}#/`,
  })
  try {
    const pdf = await opening.promise
    const { info } = await pdf.getMetadata()
    if ('EncryptFilterName' in info && info.EncryptFilterName) throw new Error(`${file.name} is encrypted`)
    opened = { file, pdf }
    return pdf
  } catch (error) {
    await opening.destroy()
    throw error
  }
}

async function close() {
  const last = opened
  opened = undefined
  await last?.pdf.loadingTask.destroy()
}

async function draw(page: PDFPageProxy): Promise<Blob> {
  const { width, height } = page.getViewport({ scale: 1 })
  const viewport = page.getViewport({ scale: Math.min(WIDTH / width, MOST_HEIGHT / height) })
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil(viewport.width)
  canvas.height = Math.ceil(viewport.height)
  await page.render({ canvas, viewport }).promise
  page.cleanup()
  return new Promise((done, failed) =>
    canvas.toBlob((picture) => (picture ? done(picture) : failed(new Error('the page can not be drawn')))),
  )
}
