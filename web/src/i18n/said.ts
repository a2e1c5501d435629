/**
 * The service says its sentences in English: why marks are given, why a file could not be read. As with gettext, the
 * English sentence is the key; here it stands with its placeholders, exactly as in the sources of the service.
 */
export type SaidCatalogue = Record<string, string>

/** Longest line that is translated; the service's own are shorter, and a longer one would only cost time. */
export const LONGEST_LINE = 10_000

const PLACEHOLDER = /\{(\w*)\}/
const TRAILING_PLACEHOLDER = /\{\w*\}$/

/** A sentence as it is looked for: what stands between its placeholders, and their names. */
type Template = {
  literals: string[]
  names: string[]
  translation: string
  /** Whether it is a sentence, and not words that are filled into one. */
  isSentence: boolean
  /** Whether what it ends with is filled in: a sentence of its own, or nothing. */
  leadsOn: boolean
}

type Match = { values: string[]; end: number }

/** A line, with what is to be known of each place in it. */
type Line = {
  text: string
  /** In how many quotations a place lies. */
  depths: number[]
  /** Where the sentence around a place ends, at the earliest: its last sign. */
  ends: number[]
}

/** Says a text of the service in the catalogue's language; what the catalogue doesn't know stays as it is. */
export function sayer(catalogue: SaidCatalogue): (text: string) => string {
  const templates = Object.entries(catalogue).map(([english, translation]) => template(english, translation))
  const bySize = templates.toSorted((a, b) => size(b) - size(a))
  const sentences = bySize.filter((it) => it.isSentence)
  const words = bySize.filter((it) => !it.isSentence)
  return (text) =>
    text
      .split('\n')
      .map((line) => (line.length > LONGEST_LINE ? line : sayLine(line, sentences, words)))
      .join('\n')
}

function template(english: string, translation: string): Template {
  const isCapital = /^\s*[A-Z]/.test(english)
  const leadsOn = isCapital && TRAILING_PLACEHOLDER.test(english)
  const own = (text: string) => (leadsOn ? text.replace(TRAILING_PLACEHOLDER, '') : text).trimStart()
  const pieces = own(english).split(PLACEHOLDER)
  const literals = pieces.filter((_, i) => i % 2 === 0)
  const placeholders = pieces.filter((_, i) => i % 2 === 1)
  const names = placeholders.map(
    (name, i) => name || String(placeholders.slice(0, i).filter((before) => before === '').length),
  )
  const isSentence = leadsOn || (isCapital && /[.?]$/.test(english))
  return { literals, names, translation: own(translation), isSentence, leadsOn }
}

const size = ({ literals }: Template) => literals.join('').length

function sayLine(line: string, sentences: Template[], words: Template[]): string {
  // What the teacher is told of the answer, the student is told of theirs.
  const surveyed = survey(line.replace(/^Your answer/, 'The answer'))
  const { text, ends } = surveyed
  let said = ''
  let at = 0
  while (at < text.length) {
    const found = sentenceAt(surveyed, at, sentences)
    const end = found ? found.match.end : (ends[at] ?? text.length) + 1
    said += found ? filled(found.template, found.match.values, words) : text.slice(at, end)
    at = end
    while (at < text.length && isOver(text, at)) at += 1
    said += text.slice(end, at)
  }
  return said === text ? line : said
}

/** The sentence at this place. What only leads on to one that isn't known stays as it is: no half of it is English. */
function sentenceAt(line: Line, at: number, sentences: Template[]) {
  const found =
    first(sentences, (it) => matchSentence(line, at, it)) ?? first(sentences, (it) => matchRest(line, at, it))
  if (!found?.template.leadsOn || isOver(line.text, found.match.end)) return found
  const { end } = found.match
  const next =
    first(sentences, (it) => matchSentence(line, end, it)) ?? first(sentences, (it) => matchRest(line, end, it))
  return next && found
}

function survey(text: string): Line {
  const depths: number[] = []
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '”') depth -= 1
    depths.push(depth)
    if (text[i] === '“') depth += 1
  }
  const ends: number[] = []
  let end = text.length - 1
  for (let i = text.length - 1; i >= 0; i--) {
    if (depths[i] === 0 && /[.?]/.test(text.charAt(i)) && isOver(text, i + 1)) end = i
    ends[i] = end
  }
  return { text, depths, ends }
}

/** Whether nothing or white space stands here. */
const isOver = (text: string, at: number) => at >= text.length || /\s/.test(text.charAt(at))

function first(templates: Template[], match: (template: Template) => Match | undefined) {
  for (const template of templates) {
    const found = match(template)
    if (found) return { template, match: found }
  }
  return undefined
}

/**
 * The template at this place. Its values are as short as can be, quotations in them are whole, and none reaches over
 * the end of a sentence.
 */
function matchSentence({ text, depths, ends }: Line, from: number, { literals, leadsOn }: Template): Match | undefined {
  return match(text, from, literals, (literal, at, isLast) => {
    const last = ends[at] ?? text.length
    for (let found = text.indexOf(literal, at); found >= 0 && found <= last; found = text.indexOf(literal, found + 1)) {
      if (depths[found] === 0 && (!isLast || leadsOn || isOver(text, found + literal.length))) return found
    }
    return -1
  })
}

/** The template from here to the end, whatever its values: a student may write a quotation mark that none closes. */
function matchRest({ text }: Line, from: number, { literals, leadsOn }: Template): Match | undefined {
  return match(text, from, literals, (literal, at, isLast) => {
    if (!isLast || leadsOn) return text.indexOf(literal, at)
    const found = text.length - literal.length
    return found >= at && text.endsWith(literal) ? found : -1
  })
}

/** Finds one literal after the other, each with `find`: what lies between them are the values. */
function match(
  text: string,
  from: number,
  [opening = '', ...others]: string[],
  find: (literal: string, at: number, isLast: boolean) => number,
): Match | undefined {
  if (!text.startsWith(opening, from)) return undefined
  const values: string[] = []
  let at = from + opening.length
  for (const [i, literal] of others.entries()) {
    const found = find(literal, at, i === others.length - 1)
    if (found < 0) return undefined
    values.push(text.slice(at, found))
    at = found + literal.length
  }
  const isWhole = others.length > 0 || /\s$/.test(opening) || isOver(text, at)
  return isWhole ? { values, end: at } : undefined
}

const filled = ({ translation, names }: Template, values: string[], words: Template[]): string =>
  translation.replace(new RegExp(PLACEHOLDER, 'g'), (whole, name: string) => {
    const value = values[names.indexOf(name)]
    return value === undefined ? whole : sayValue(value, words)
  })

/** A quotation in the marks of the language but as it is, else the service's own words. */
const sayValue = (value: string, words: Template[]): string =>
  value.startsWith('“')
    ? quoted(value)
    : value
        .split('; ')
        .map((word) => sayWord(word, words))
        .join('; ')

function sayWord(word: string, words: Template[]): string {
  const surveyed = survey(word)
  const found = first(words, (it) => matchRest(surveyed, 0, it))
  return found && found.match.end === word.length ? filled(found.template, found.match.values, words) : word
}

const GERMAN_MARKS: Record<string, string> = { '“': '„', '”': '“' }

/** With „…“ for the outermost “…”, if every quotation is whole. */
function quoted(text: string): string {
  const { depths } = survey(text)
  const isWhole = depths.every((depth) => depth >= 0) && depths.at(-1) === 0 && text.endsWith('”')
  if (!isWhole) return text
  return text
    .split('')
    .map((sign, i) => (depths[i] === 0 ? (GERMAN_MARKS[sign] ?? sign) : sign))
    .join('')
}
