import { sum } from '@/lib/totals'

import { criteriaOf, markingOf, nextId, type BestOf, type Criterion, type Guide, type Question } from './guide'

/** What was found in a source, and what was not understood: the line and its text. */
export type Parsed = { questions: Question[]; bestOf?: BestOf[]; notes: { line: number; text: string }[] }
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

const MARKS = /[[(]\s*(\d+(?:[.,]\d+)?)\s*(?:marks?|points?|pts?|punkte?|p)?\s*[\])]/i
const numberOf = (text: string) => Number(text.replace(',', '.'))

/** Takes the marks out of a line: `Names the press. [1]`. */
function withMarks(line: string): { text: string; marks: number | undefined } {
  const found = MARKS.exec(line)
  if (!found?.[1]) return { text: line.trim(), marks: undefined }
  return { text: line.replace(found[0], '').trim(), marks: numberOf(found[1]) }
}

const start = (label: string, text: string, marks: number | undefined): Question => ({
  label,
  text,
  marks: marks ?? 0,
  marking: { kind: 'short_answer', criteria: [], reference_answers: [] },
})

/**
 * Markdown as teachers write it:
 *
 *     ## 2. Name one effect of the printing press. [2]
 *     - Names an effect on society [1]
 *       - "books became cheaper"
 *     Answer: Books became cheaper, so more people read.
 */
function parseMarkdown(text: string): Parsed {
  const parsed: Parsed = { questions: [], notes: [] }
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const question = parsed.questions.at(-1)
    const heading = /^(?:#{2,6}\s*|\*\*)?(?:question|frage|q)?\s*(\d{1,3}[a-z]?)\s*[.):]\s*(.+?)(?:\*\*)?$/i.exec(line)
    if (heading?.[1] && !/^\s/.test(line)) {
      const { text: asked, marks } = withMarks(heading[2] ?? '')
      parsed.questions.push(start(heading[1].toLowerCase(), asked, marks))
      continue
    }
    const criteria = question && criteriaOf(question.marking)
    if (!line.trim() || /^#\s/.test(line)) continue
    if (!question || !criteria) {
      parsed.notes.push({ line: i + 1, text: line.trim() })
      continue
    }
    takeLine(question, criteria, line)
  }
  return { ...parsed, questions: parsed.questions.map(completed) }
}

function takeLine(question: Question, criteria: Criterion[], line: string) {
  const answer = /^\s*(?:[-*]\s*)?(?:answer|reference|model answer|antwort|lösung)\s*:\s*(.+)$/i.exec(line)
  const bullet = /^(\s*)[-*•]\s+(.+)$/.exec(line)
  if (answer?.[1]) {
    if ('reference_answers' in question.marking) question.marking.reference_answers?.push(answer[1].trim())
  } else if (bullet?.[2] && (bullet[1] ?? '').length >= 2 && criteria.length > 0) {
    criteria.at(-1)?.accepted_phrasings?.push(bullet[2].trim().replace(/^["“„'](.*)["”“']$/, '$1'))
  } else if (bullet?.[2]) {
    const { text, marks } = withMarks(bullet[2])
    criteria.push({ id: nextId(criteria), description: text, marks: marks ?? 0, accepted_phrasings: [] })
  } else {
    const { text, marks } = withMarks(line)
    question.text = `${question.text}\n${text}`.trim()
    if (marks !== undefined && !question.marks) question.marks = marks
  }
}

/** Marks that were left out: those of the criteria make up the question's, and the other way round. */
function completed(question: Question): Question {
  const criteria = criteriaOf(question.marking)
  if (!criteria) return question
  if (criteria.length === 0) {
    const marks = question.marks || 1
    return { ...question, marks, marking: markingOf('short_answer', withCriterion(question, marks), marks) }
  }
  const unmarked = criteria.filter((it) => it.marks === 0)
  const left = question.marks - sum(criteria.map((it) => it.marks))
  for (const it of unmarked) it.marks = left > 0 ? left / unmarked.length : 1
  return { ...question, marks: question.marks || sum(criteria.map((it) => it.marks)) }
}

/** A question without criteria has one: that the answer says what the reference does. */
function withCriterion({ marking }: Question, marks: number): Question['marking'] {
  const references = ('reference_answers' in marking && marking.reference_answers) || []
  const description = references[0]?.slice(0, 1000) ?? ''
  return {
    kind: 'short_answer',
    criteria: [{ id: 'c1', description, marks, accepted_phrasings: [] }],
    reference_answers: references,
  }
}

const COLUMNS: Record<string, RegExp> = {
  label: /^(label|question|no\.?|number|nr\.?|frage)$/i,
  text: /^(text|question text|prompt|fragetext)$/i,
  criterion: /^(criterion|criteria|description|kriterium)$/i,
  marks: /^(marks?|points?|punkte)$/i,
  phrasings: /^(accepted|accepted phrasings?|phrasings?|keywords?)$/i,
  reference: /^(reference|reference answers?|answer|model answer|antwort)$/i,
}

/** A line for each criterion; lines with the same label belong to one question. */
function parseCsv(text: string): Parsed {
  const parsed: Parsed = { questions: [], notes: [] }
  const [head, ...rows] = readCsv(text)
  const column = (name: string) => head?.findIndex((cell) => COLUMNS[name]?.test(cell.trim())) ?? -1
  const places = Object.fromEntries(Object.keys(COLUMNS).map((name) => [name, column(name)]))
  if (places.label === -1 || places.criterion === -1) {
    return { questions: [], notes: [{ line: 1, text: (head ?? []).join(', ') }] }
  }
  for (const [i, row] of rows.entries()) {
    const cell = (name: string) => row[places[name] ?? -1]?.trim() ?? ''
    if (row.every((it) => !it.trim())) continue
    const label = cell('label') || parsed.questions.at(-1)?.label
    if (!label) {
      parsed.notes.push({ line: i + 2, text: row.join(', ') })
      continue
    }
    let question = parsed.questions.find((it) => it.label === label)
    if (!question) parsed.questions.push((question = start(label, cell('text'), undefined)))
    const criteria = criteriaOf(question.marking) ?? []
    const split = (text: string) => text.split(/\s*[|\n]\s*/).filter(Boolean)
    const marks = numberOf(cell('marks') || '1')
    criteria.push({
      id: nextId(criteria),
      description: cell('criterion'),
      marks,
      accepted_phrasings: split(cell('phrasings')),
    })
    if ('reference_answers' in question.marking) question.marking.reference_answers?.push(...split(cell('reference')))
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
