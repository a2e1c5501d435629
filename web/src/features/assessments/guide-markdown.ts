import { criteriaOf, nextId, type Criterion, type Question } from './guide'
import { columnsOf, completed, numberOf, start, takeRow, withMarks, type Columns, type Parsed } from './guide-draft'

const NAMED = /^(?:#{1,6}\s*|\*\*)?(?:question|frage|aufgabe|q)\s*(\d{1,3}[a-z]?)\b\s*[.):–-]*\s*(.*?)(?:\*\*)?$/i
const NUMBERED = /^(?:#{1,6}\s*|\*\*)?(\d{1,3}[a-z]?|\d{1,3}\s*\([a-z]\))\s*(?:[.):](?!\d)|(?<=\)))\s*(.+?)(?:\*\*)?$/i
const LETTERED = /^\s*(?:[-*•]\s*)?\(?([a-z])[.)]\s+(.+)$/
const BULLET = /^(\s*)(?:[-*•]|\(?[ivx]{1,4}[.)]|(?<=\s)\d{1,2}[.)]|\(?[a-z][.)])\s+(.+)$/
const ANSWER =
  /^\s*(?:[-*•]\s*)?\**(?:(?:model |reference )?answers?|reference|antwort|musterantwort|lösung)\**\s*:\**\s*(.*)$/i
const ACCEPT = /^\s*(?:[-*•]\s*)?(?:(?:also )?accept(?:ed)?(?: answers?| phrasings?)?|auch)\s*:\s*(.+)$/i
const TOTAL = [
  /^\W*(?:total|gesamt)\b.*?(\d+(?:[.,]\d+)?)\s*(?:marks?|points?|punkte?|p)?\W*$/i,
  /^\W*(?:marks?|points?|punkte)\s*[:=]\s*(\d+(?:[.,]\d+)?)\W*$/i,
]

/**
 * Markdown as teachers write it, and as Word documents and PDFs are written down:
 *
 *     ## 2. Name one effect of the printing press. [2]
 *     - Names an effect on society [1]
 *       - "books became cheaper"
 *     Answer: Books became cheaper, so more people read.
 *
 * Parts of a question are lettered lines under one that has no marks, or no text on its line; criteria may stand in a
 * table, too. What fits nowhere is noted with its line.
 */
export function parseMarkdown(text: string): Parsed {
  const reader = new Reader()
  for (const [i, line] of text.split(/\r?\n/).entries()) reader.take(line, i + 1)
  const { questions, notes } = reader
  return { questions: withoutStems(questions).map(completed), notes }
}

class Reader {
  readonly questions: Question[] = []
  readonly notes: Parsed['notes'] = []
  /** The question that lines belong to; none before the first one and under a heading of another kind. */
  private question: Question | undefined
  private table: Columns | undefined
  private inTable = false
  /** Indentation of the question’s criteria; what stands further in is a phrasing. */
  private edge = 0
  private item: 'criterion' | 'phrasing' | 'answer' | undefined
  /** Whether the question’s line held its label alone: `Question 2 (4 marks)`. */
  private stoodAlone = false
  /** Whether `Answer:` stood alone on the line before. */
  private awaitsAnswer = false

  take(line: string, number: number) {
    const row = /^\s*\|(.*)\|\s*$/.exec(line)
    if (!row) this.inTable = false
    const understood = !line.trim() || (row?.[1] !== undefined ? this.row(row[1], number) : this.line(line))
    if (!understood) this.notes.push({ line: number, text: line.trim() })
  }

  private line(line: string): boolean {
    const named = NAMED.exec(line) ?? NUMBERED.exec(line)
    if (named?.[1]) return this.begin(named[1].replace(/[\s()]/g, ''), named[2] ?? '')
    if (/^#{1,6}\s/.test(line)) {
      this.question = undefined
      return withMarks(line).marks === undefined
    }
    const question = this.question
    const criteria = question && criteriaOf(question.marking)
    if (!question || !criteria) return false
    const part = LETTERED.exec(line)
    if (part?.[1] && part[2] && this.isNextPart(question, part[1])) {
      return this.begin(`${/^\d+/.exec(question.label)?.[0]}${part[1]}`, part[2])
    }
    if (/^\d{1,2}\.\d{1,2}[.)]?\s+\p{Lu}\p{L}/u.test(line)) return false // a label that no question can have
    const answer = ANSWER.exec(line)
    if (answer || this.awaitsAnswer) return this.answer(question, answer ? (answer[1] ?? '') : line)
    const accepted = ACCEPT.exec(line)?.[1]
    if (accepted && criteria.length > 0) {
      criteria.at(-1)?.accepted_phrasings?.push(
        ...accepted
          .split(/\s*[;|]\s*/)
          .map(unquoted)
          .filter(Boolean),
      )
      return true
    }
    const bullet = BULLET.exec(line)
    if (bullet?.[2]) return this.bullet(criteria, bullet[1]?.length ?? 0, bullet[2])
    return this.rest(question, criteria, line)
  }

  private begin(label: string, rest: string) {
    const { text, marks } = withMarks(rest)
    this.question = start(label.toLowerCase(), text, marks)
    this.questions.push(this.question)
    this.stoodAlone = !text
    this.item = undefined
    this.awaitsAnswer = false
    return true
  }

  /** Whether a lettered line begins the next part of a question, rather than one of its criteria. */
  private isNextPart(question: Question, letter: string) {
    const [, number, last] = /^(\d+)([a-z]?)$/.exec(question.label) ?? []
    if (!number) return false
    if (last) return letter.charCodeAt(0) === last.charCodeAt(0) + 1
    return letter === 'a' && (!question.marks || this.stoodAlone) && (criteriaOf(question.marking) ?? []).length === 0
  }

  private answer(question: Question, text: string) {
    this.awaitsAnswer = !text.trim()
    if (this.awaitsAnswer || !('reference_answers' in question.marking)) return true
    question.marking.reference_answers?.push(text.trim().replace(/^[-*•]\s+/, ''))
    this.item = 'answer'
    return true
  }

  private bullet(criteria: Criterion[], indent: number, rest: string) {
    if (criteria.length > 0 && indent >= this.edge + 2) {
      criteria.at(-1)?.accepted_phrasings?.push(unquoted(rest.trim()))
      this.item = 'phrasing'
      return true
    }
    if (criteria.length === 0) this.edge = indent
    const { text, marks } = withMarks(rest)
    criteria.push({ id: nextId(criteria), description: text, marks: marks ?? 0, accepted_phrasings: [] })
    this.item = 'criterion'
    return true
  }

  /** A line that begins nothing: more of the question, or of the criterion above if it is indented. */
  private rest(question: Question, criteria: Criterion[], line: string) {
    const { text, marks } = withMarks(line)
    const total = TOTAL.map((it) => it.exec(line)?.[1]).find(Boolean)
    if (total) {
      question.marks ||= numberOf(total)
      return true
    }
    const last = criteria.at(-1)
    // A line with marks of its own under a question that has its marks earns some of them.
    if (marks !== undefined && question.marks > 0 && !/^\s/.test(line)) return this.bullet(criteria, 0, line)
    if (this.item === undefined && !last) {
      question.text = `${question.text}\n${text}`.trim()
      question.marks ||= marks ?? 0
      return true
    }
    if (!/^\s/.test(line) || !last) return false
    if (this.item === 'phrasing') {
      const phrasings = last.accepted_phrasings ?? []
      phrasings.push(`${phrasings.pop() ?? ''} ${text}`.trim())
    } else if (this.item === 'criterion') {
      last.description = `${last.description} ${text}`.trim()
      last.marks ||= marks ?? 0
    } else return false
    return true
  }

  private row(inside: string, number: number): boolean {
    const cells = inside.split('|').map((it) => it.trim())
    if (cells.every((it) => /^:?-*:?$/.test(it))) return true
    if (!this.inTable) {
      this.inTable = true
      this.table = columnsOf(cells)
      if (this.table && this.table.unknown.length > 0) {
        this.notes.push({ line: number, text: this.table.unknown.join(', ') })
      }
      if (this.table) return true
    }
    if (this.table) {
      if (this.table.places.label === undefined && !this.question) return false
      if (!takeRow(this.questions, this.table, cells)) return false
      this.question = this.questions.at(-1)
      return true
    }
    return this.plainRow(cells)
  }

  /** A row of a table without names for its columns: what earns marks, and how many. */
  private plainRow(cells: string[]) {
    const criteria = this.question && criteriaOf(this.question.marking)
    const marks = /^[[(]?(\d+(?:[.,]\d+)?)\s*(?:marks?|points?|punkte?|p)?[\])]?$/i.exec(cells.at(-1) ?? '')?.[1]
    const description = cells.slice(0, -1).filter(Boolean).join(' ')
    if (!criteria || !marks || !description) return false
    criteria.push({ id: nextId(criteria), description, marks: numberOf(marks), accepted_phrasings: [] })
    return true
  }
}

const unquoted = (text: string) => text.replace(/^["“„'](.*)["”“']$/, '$1')

/** What stands above the parts of a question belongs to the first of them. */
function withoutStems(questions: Question[]): Question[] {
  const kept: Question[] = []
  let stem = ''
  for (const [i, question] of questions.entries()) {
    const next = questions[i + 1]
    const isStem =
      /^\d+$/.test(question.label) &&
      next?.label === `${question.label}a` &&
      (criteriaOf(question.marking) ?? []).length === 0
    if (isStem) {
      stem = question.text
      continue
    }
    kept.push(stem ? { ...question, text: `${stem}\n${question.text}`.trim() } : question)
    stem = ''
  }
  return kept
}
