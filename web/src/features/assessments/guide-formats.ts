import type { Guide } from './guide'
import { columnsOf, completed, takeRow, type Parsed } from './guide-draft'
import { parseMarkdown } from './guide-markdown'

export type Format = 'json' | 'csv' | 'markdown'

export const formatOf = (name: string, text: string): Format => {
  if (/\.json$/i.test(name) || /^\s*\{/.test(text)) return 'json'
  return /\.(csv|tsv)$/i.test(name) ? 'csv' : 'markdown'
}

export function parseGuide(text: string, format: Format): Parsed {
  const clean = text.replace(/^\uFEFF/, '')
  if (format === 'json') return parseJson(clean)
  return format === 'csv' ? parseCsv(clean) : parseMarkdown(clean)
}

function parseJson(text: string): Parsed {
  try {
    const { questions, best_of } = JSON.parse(text) as Guide
    if (Array.isArray(questions)) return { questions, bestOf: best_of, notes: [] }
    return { questions: [], notes: [{ line: 1, text: text.slice(0, 80) }] }
  } catch (error) {
    return { questions: [], notes: [{ line: 1, text: error instanceof Error ? error.message : '' }] }
  }
}

/** A line for each criterion; lines with the same label belong to one question. */
function parseCsv(text: string): Parsed {
  const parsed: Parsed = { questions: [], notes: [] }
  const [head = [], ...rows] = readCsv(text)
  const columns = columnsOf(head)
  if (columns?.places.label === undefined) return { questions: [], notes: [{ line: 1, text: head.join(', ') }] }
  if (columns.unknown.length > 0) parsed.notes.push({ line: 1, text: columns.unknown.join(', ') })
  for (const [i, row] of rows.entries()) {
    if (row.every((it) => !it.trim())) continue
    if (!takeRow(parsed.questions, columns, row)) parsed.notes.push({ line: i + 2, text: row.join(', ') })
  }
  return { ...parsed, questions: parsed.questions.map(completed) }
}

/** Rows of cells; quoted cells may hold the separator, line breaks and doubled quotes. */
export function readCsv(text: string): string[][] {
  const firstLine = text.split('\n', 1)[0] ?? ''
  const separator = [';', '\t', ','].find((it) => firstLine.includes(it)) ?? ','
  const rows: string[][] = [[]]
  let cell = ''
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const letter = text[i] ?? ''
    if (quoted) {
      if (letter === '"' && text[i + 1] === '"') {
        cell += '"'
        i += 1
      } else if (letter === '"') quoted = false
      else cell += letter
    } else if (letter === '"' && cell === '') quoted = true
    else if (letter === separator || letter === '\n') {
      rows.at(-1)?.push(cell.replace(/\r$/, ''))
      cell = ''
      if (letter === '\n') rows.push([])
    } else cell += letter
  }
  rows.at(-1)?.push(cell.replace(/\r$/, ''))
  return rows.filter((row) => row.some((it) => it !== ''))
}
