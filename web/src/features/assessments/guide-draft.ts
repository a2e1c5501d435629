import { sum } from '@/lib/totals'

import { criteriaOf, markingOf, nextId, type BestOf, type Question } from './guide'

/** What was found in a source, and what was not understood: the line and its text. */
export type Parsed = { questions: Question[]; bestOf?: BestOf[]; notes: { line: number; text: string }[] }

const NUMBER = String.raw`(\d+(?:[.,]\d+)?)`
const UNIT = '(?:marks?|points?|pts?|punkte?|p)'
const MARKS = [
  new RegExp(String.raw`[[(]\s*(?:total:?\s*)?${NUMBER}\s*${UNIT}?\s*[\])]`, 'i'),
  new RegExp(String.raw`(?:\s[–—-]|[:.\t]|\s{2})\s*${NUMBER}\s*${UNIT}\s*\.?$`, 'i'),
]
export const numberOf = (text: string) => Number(text.replace(',', '.'))

/** Takes the marks out of a line: `Names the press. [1]`. */
export function withMarks(line: string): { text: string; marks: number | undefined } {
  for (const pattern of MARKS) {
    const found = pattern.exec(line)
    if (found?.[1]) return { text: line.replace(found[0], '').trim(), marks: numberOf(found[1]) }
  }
  return { text: line.trim(), marks: undefined }
}

export const start = (label: string, text: string, marks: number | undefined): Question => ({
  label,
  text,
  marks: marks ?? 0,
  marking: { kind: 'short_answer', criteria: [], reference_answers: [] },
})

/** Marks that were left out: those of the criteria make up the question's, and the other way round. */
export function completed(question: Question): Question {
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

const COLUMNS = {
  label: /^(label|question|q|no\.?|number|nr\.?|frage|aufgabe)$/i,
  text: /^(text|question text|prompt|fragetext)$/i,
  criterion: /^(criterion|criteria|description|marking points?|kriterium|kriterien)$/i,
  marks: /^(marks?|max\.? marks?|points?|punkte)$/i,
  phrasings: /^(accept|accepted|accepted (phrasings?|answers?)|also accept|phrasings?|keywords?)$/i,
  reference: /^(reference|reference answers?|answers?|model answers?|antwort|musterantwort)$/i,
}
type Column = keyof typeof COLUMNS

/** Which column of a table holds what; what the others are called. */
export type Columns = { places: Partial<Record<Column, number>>; unknown: string[] }

/** The columns of a table by its first line; none if that names no criteria. */
export function columnsOf(head: string[]): Columns | undefined {
  const names = head.map((it) => it.replaceAll('*', '').trim())
  const places: Columns['places'] = {}
  for (const column of Object.keys(COLUMNS) as Column[]) {
    const found = names.findIndex((name) => COLUMNS[column].test(name))
    if (found !== -1) places[column] = found
  }
  // Beside a column of numbers, `Question` is what is asked.
  const other = names.findLastIndex((name) => COLUMNS.label.test(name))
  if (places.text === undefined && places.label !== undefined && other !== places.label) {
    const isAsked = /^(question|frage)$/i.test(names[places.label] ?? '')
    places.text = isAsked ? places.label : other
    places.label = isAsked ? other : places.label
  }
  if (places.criterion === undefined && places.reference === undefined) return undefined
  const used = Object.values(places)
  return { places, unknown: names.filter((name, i) => name && !used.includes(i)) }
}

/** The label in a cell: `1.`, `Question 1`, `1 (a)`. */
const labelOf = (cell: string) =>
  cell
    .replaceAll('*', '')
    .replace(/^(question|frage|aufgabe|q)\s*/i, '')
    .replace(/[\s.():]/g, '')
    .toLowerCase()

const split = (text: string) => text.split(/\s*[|\n]\s*/).filter(Boolean)

/**
 * A line for each criterion; lines with the same label, or without one, belong to one question. Says whether the line
 * was understood.
 */
export function takeRow(questions: Question[], { places }: Columns, row: string[]): boolean {
  const cell = (column: Column) => row[places[column] ?? -1]?.trim() ?? ''
  const label = labelOf(cell('label')) || questions.at(-1)?.label
  if (/^(total|gesamt|summe)/.test(labelOf(cell('label')) || cell('criterion').toLowerCase())) return true
  const description = cell('criterion') || cell('reference')
  if (!label || !/^[0-9a-z]{1,10}$/.test(label) || !(description || cell('text'))) return false
  let question = questions.find((it) => it.label === label)
  if (!question) questions.push((question = start(label, cell('text'), undefined)))
  if (!description) return true
  const criteria = criteriaOf(question.marking) ?? []
  const marks = /\d+(?:[.,]\d+)?/.exec(cell('marks'))?.[0]
  const phrasings = split(cell('phrasings'))
  criteria.push({
    id: nextId(criteria),
    description,
    marks: places.marks === undefined || marks ? numberOf(marks ?? '1') : 0,
    accepted_phrasings: phrasings,
  })
  if ('reference_answers' in question.marking) question.marking.reference_answers?.push(...split(cell('reference')))
  return true
}
