import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { LONGEST_LINE, sayer } from './said'
import { saidDe } from './said-de'

const said = sayer(saidDe)

const GRADING = '../shared/grading/src'

/** Where the service makes sentences that the application shows. */
const SOURCES = [
  ...readdirSync(GRADING)
    .filter((file) => file.endsWith('.rs'))
    .map((file) => join(GRADING, file)),
  '../functions/tasks/src/archive.rs',
  '../functions/tasks/src/bin/grade-answer.rs',
  '../functions/tasks/src/bin/read-script.rs',
  '../functions/tasks/src/bin/record-failure.rs',
  '../functions/tasks/src/pages.rs',
  '../functions/tasks/src/scan.rs',
  '../shared/domain/src/chain.rs',
  '../shared/domain/src/decision.rs',
  '../shared/domain/src/error.rs',
  '../shared/domain/src/plan.rs',
  '../shared/domain/src/roster.rs',
  '../shared/domain/src/roster/diff.rs',
  '../shared/domain/src/roster/parse.rs',
  '../shared/domain/src/submission.rs',
  '../shared/domain/src/totals.rs',
  '../shared/files/src/lib.rs',
  '../shared/reading/src/decode.rs',
  '../shared/reading/src/file.rs',
  '../shared/reading/src/page.rs',
  '../shared/reading/src/pdf/mod.rs',
  '../shared/reading/src/scan.rs',
  '../shared/reading/src/typed.rs',
  '../shared/store/src/submissions.rs',
]

/** Sentences that the service puts together of several pieces. */
const COMPOSED = [
  ['The answer chooses {picked}', ', all right and complete.'],
  ['The answer chooses {picked}', '; ', '{} missing', '.'],
  ['The answer chooses {picked}', '; ', '{} not right', '.'],
  ['The answer chooses {picked}', '; ', '{} not right', '; ', '{} missing', '.'],
]

/** Comments, characters, raw strings, and, in the group, strings. */
const RUST = /\/\/[^\n]*|b?'(?:[^'\\\n]|\\[^\n][^'\n]*)'|r(#*)"[\s\S]*?"\1|"((?:[^"\\]|\\[\s\S])*)"/g

/** The strings of a source without its tests, as they are when the program runs. */
function stringsOf(source: string): string[] {
  const [own = ''] = source.split(/^#\[cfg\(test\)\]\nmod /m)
  return [...own.matchAll(RUST)]
    .flatMap(([, , text]) => (text === undefined ? [] : [text]))
    .map((text) => text.replace(/\\\n\s*/g, '').replace(/\\(["\\])/g, '$1'))
}

const isSentence = (text: string) =>
  /^\s?[A-Z][a-z ]/.test(text) && text.includes(' ') && (/[.?;…]$/.test(text) || /[.:?] ?\{\w*\}$/.test(text))

const strings = SOURCES.flatMap((path) => stringsOf(readFileSync(path, 'utf8')))
const english = Object.keys(saidDe)

describe('the German catalogue', () => {
  it('has every sentence that the service makes', () => {
    const sentences = [...new Set(strings.filter(isSentence))]
    expect(sentences).toContain('The answer says {said}, which contradicts {asked}.')
    expect(sentences).toContain('You wrote {said}. To earn this, also say {asked}.{add}')
    expect(sentences).toContain('File {number} could not be read: {}')
    const pieces = COMPOSED.flat()
    expect(sentences.filter((text) => !english.includes(text) && !pieces.includes(text))).toEqual([])
  })

  it('has none that the service does not make any more', () => {
    const known = new Set([...strings, ...COMPOSED.map((pieces) => pieces.join(''))])
    expect(english.filter((text) => !known.has(text))).toEqual([])
    const pieces = COMPOSED.flat().filter((piece) => /\w/.test(piece))
    expect(pieces.filter((piece) => !strings.includes(piece))).toEqual([])
  })

  it('fills in nothing but what the English has, and ends with a sentence where that does', () => {
    const trailing = /\{(\w*)\}$/
    const wrong = Object.entries(saidDe).filter(([english, german]) => {
      let nameless = 0
      const name = (it: string) => it || String(nameless++)
      const names = [...english.matchAll(/\{(\w*)\}/g)].map(([, it = '']) => name(it))
      const isFilled = [...german.matchAll(/\{(\w*)\}/g)].every(([, it = '']) => names.includes(it))
      const last = trailing.test(english) ? names.at(-1) : undefined
      return !isFilled || (isSentence(english) && trailing.exec(german)?.[1] !== last)
    })
    expect(wrong.map(([english]) => english)).toEqual([])
  })
})

describe('a sentence of the service', () => {
  it.each([
    ['No answer was found.', 'Es ist keine Antwort zu finden.'],
    [
      'The answer says “force is mass”, which is part of “F = m a. It is a law.”; missing are “times”, “a”.',
      'Die Antwort sagt „force is mass“; das ist ein Teil von „F = m a. It is a law.“, es fehlt: „times“, „a“.',
    ],
    [
      'The answer does not say “osmosis”; the nearest is “water”, where “membrane” is missing.',
      'Die Antwort sagt nicht „osmosis“; am nächsten kommt „water“, darin fehlt: „membrane“.',
    ],
    ['The answer says “T”, and the statement is true.', 'Die Antwort sagt „T“, und die Aussage ist wahr.'],
    ['The answer gives “3.5 m”, within 0.1 of 3.55 m.', 'Die Antwort gibt „3.5 m“ an, um höchstens 0.1 neben 3.55 m.'],
    ['The answer gives “3”, not 5 sq. m.', 'Die Antwort gibt „3“ an, nicht 5 sq. m.'],
    [
      "The answer gives “4 N”, not 5 N, but 4.2 follows from the answer's own earlier values.",
      'Die Antwort gibt „4 N“ an, nicht 5 N, aber 4.2 folgt aus ihren eigenen früheren Werten.',
    ],
    ['The answer chooses B, but C is right.', 'Die Antwort wählt B, aber C ist richtig.'],
    ['The answer chooses B, which is right.', 'Die Antwort wählt B, was richtig ist.'],
    [
      'The answer chooses A, C, all right and complete.',
      'Die Antwort wählt A, C: alles ist richtig, und nichts fehlt.',
    ],
    ['The answer chooses A; B, D missing.', 'Die Antwort wählt A; es fehlt: B, D.'],
    ['The answer chooses A, B; B not right; C missing.', 'Die Antwort wählt A, B; nicht richtig: B; es fehlt: C.'],
    [
      'The criteria add up to 5, which counts 3.5: some criteria count only together; the marks are capped.',
      'Die Kriterien ergeben 5, es zählen 3.5: manche Kriterien zählen nur zusammen; die Punkte haben eine Obergrenze.',
    ],
    ['Question 1a: The answer only repeats the question.', 'Frage 1a: Die Antwort wiederholt nur die Frage.'],
    [
      'The marking guide has changed since a person gave 1.5 of 2 marks. Please look at it again.',
      'Der Bewertungsbogen hat sich geändert, seit ein Mensch 1.5 von 2 Punkten gegeben hat. Bitte noch einmal durchsehen.',
    ],
    [
      'The PDF takes more than 60 seconds to draw. Please upload its pages as JPEG or PNG images.',
      'Das PDF zu zeichnen dauert länger als 60 Sekunden. Bitte die Seiten als JPEG oder PNG abgeben.',
    ],
    [
      'The image is too large: 20000 × 9 pixels. Allowed are 12000 pixels a side and 40 million pixels in all. Please scan at a lower resolution (300 dpi is plenty) and upload it again.',
      'Das Bild ist zu groß: 20000 × 9 Bildpunkte. Erlaubt sind 12000 Bildpunkte je Seite und 40 Millionen insgesamt. Bitte mit geringerer Auflösung scannen (300 dpi genügen) und noch einmal abgeben.',
    ],
    [
      'All 60 scripts that the plan free includes this month (UTC) are used. Wait for the next month, or change to the plan teacher.',
      'Alle 60 Arbeiten, die der Tarif free diesen Monat (UTC) enthält, sind verbraucht. Auf den nächsten Monat warten, oder zum Tarif teacher wechseln.',
    ],
    ['The class is missing.', 'Klasse fehlt.'],
  ])('%s', (english, german) => expect(said(english)).toBe(german))

  it('is told to the student, too', () => {
    expect(said('Your answer gives “3”, not 5.')).toBe('Die Antwort gibt „3“ an, nicht 5.')
    expect(said('You wrote “a”. That is part of “b vs. c”. It lacks “d”, “e”.')).toBe(
      'Geschrieben steht „a“. Das ist ein Teil von „b vs. c“. Es fehlt: „d“, „e“.',
    )
    expect(said('You wrote “a”. That is part of “b”.')).toBe('Geschrieben steht „a“. Das ist ein Teil von „b“.')
  })

  it('stands behind others', () => {
    expect(
      said(
        'None of the files could be read. File 1: The file is empty. Please upload it again. ' +
          "File 2: The PDF has 300 pages; allowed are 100. Please upload one student's script alone.",
      ),
    ).toBe(
      'Keine der Dateien ließ sich lesen. Datei 1: Die Datei ist leer. Bitte noch einmal abgeben. ' +
        'Datei 2: Das PDF hat 300 Seiten; erlaubt sind 100. Bitte nur die Arbeit einer Person abgeben.',
    )
    expect(said('Line 3: The same as line 2.\nLine 4: The number is missing.\nAnd 7 more.')).toBe(
      'Zeile 3: Dasselbe wie Zeile 2.\nZeile 4: Nummer fehlt.\nUnd 7 weitere.',
    )
  })

  it('leaves what the student or the guide says as it is', () => {
    expect(said('The answer says “No answer was found. true; is”, which fits “false”.')).toBe(
      'Die Antwort sagt „No answer was found. true; is“; das passt zu „false“.',
    )
    expect(said('The answer says “he said “yes” twice”, which fits “{asked}”.')).toBe(
      'Die Antwort sagt „he said “yes” twice“; das passt zu „{asked}“.',
    )
    expect(said('The answer says “one “mark too many. $1 $&”, which fits “x”.')).toBe(
      'Die Antwort sagt “one “mark too many. $1 $&”; das passt zu „x“.',
    )
  })

  it('stays English where the catalogue has none', () => {
    const unknown = ['', 'Well done. Go on!', 'Your answer is a new kind of sentence.', 'The answer says so']
    expect(unknown.map(said)).toEqual(unknown)
    expect(said('It is new. No answer was found.')).toBe('It is new. Es ist keine Antwort zu finden.')
    // Not one half of a sentence in this language, and one in the other.
    expect(said('Question 1: its marks are new.')).toBe('Question 1: its marks are new.')
    expect(said('File 2: It is new. No answer was found.')).toBe('File 2: It is new. Es ist keine Antwort zu finden.')
  })

  it('is not looked for in a text that is too long for one, and never goes astray', { timeout: 4000 }, () => {
    const long = `The answer says “${'x'.repeat(LONGEST_LINE)}”, which fits “y”.`
    expect(said(long)).toBe(long)
    const pieces = ['The answer says ', 'The answer gives “', '. ', 'You wrote “a”. That is ', '”“', 'File 1: ', 'a. ']
    for (const piece of pieces) {
      said(piece.repeat(Math.floor(LONGEST_LINE / piece.length)))
      said(piece.repeat(Math.floor(100_000 / piece.length)))
    }
  })
})
