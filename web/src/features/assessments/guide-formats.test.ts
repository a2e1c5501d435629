import { describe, expect, it } from 'vitest'

import { criteriaOf, slipsOf, totalOf } from './guide'
import { formatOf, parseGuide, readCsv } from './guide-formats'

const MARKDOWN = `# Year 9 history

## 1. Name the inventor of the printing press. [1]
Answer: Johannes Gutenberg

## 2a) Give two effects of it. (2 marks)
- Books became cheaper [1]
  - "books cost less"
  - more people could buy books
- More people learned to read [1]
`

const CSV = `question;text;criterion;marks;accepted;reference
1;"Name the press; who made it?";Names Gutenberg;1;Gutenberg|Johannes Gutenberg;Johannes Gutenberg
2;Effects?;Cheaper books;0,5;;
2;;More readers;0,5;;
`

describe('a guide', () => {
  it('in Markdown becomes questions with criteria, phrasings and reference answers', () => {
    const { questions, notes } = parseGuide(MARKDOWN, 'markdown')
    expect(notes).toEqual([])
    expect(questions.map((it) => [it.label, it.text, it.marks])).toEqual([
      ['1', 'Name the inventor of the printing press.', 1],
      ['2a', 'Give two effects of it.', 2],
    ])
    expect(slipsOf(questions)).toEqual([])
    const [first] = criteriaOf(questions[1]!.marking) ?? []
    expect(first).toEqual({
      id: 'c1',
      description: 'Books became cheaper',
      marks: 1,
      accepted_phrasings: ['books cost less', 'more people could buy books'],
    })
  })

  it('in CSV too, with semicolons, quotes and decimal commas', () => {
    const { questions, notes } = parseGuide(CSV, 'csv')
    expect(notes).toEqual([])
    expect(questions.map((it) => [it.label, it.text, it.marks])).toEqual([
      ['1', 'Name the press; who made it?', 1],
      ['2', 'Effects?', 1],
    ])
    expect(totalOf(questions)).toBe(2)
    expect(slipsOf(questions)).toEqual([])
  })

  it('in the words of a Word document has parts, totals and answers below their names', () => {
    const { questions, notes } = parseGuide(
      `# Biology, unit 2

## Question 1 (3 marks)
Look at the cell.

(a) Name the part that releases energy. [1]
- mitochondria [1]
  - "powerhouse of the cell", which
    many pupils say
(b) Say what it needs. (2 marks)
Answer: Oxygen and glucose.
- names oxygen [1]
- names glucose [1]
Accept: sugar; dextrose

Total for Question 1 = 3 marks

# Section B

Choose one.
## Frage 2: Erkläre die Osmose. (2 Punkte)
Model answer:
Water moves through a membrane.
`,
      'markdown',
    )
    expect(questions.map((it) => [it.label, it.text, it.marks])).toEqual([
      ['1a', 'Look at the cell.\nName the part that releases energy.', 1],
      ['1b', 'Say what it needs.', 2],
      ['2', 'Erkläre die Osmose.', 2],
    ])
    const criteria = questions.map((it) => criteriaOf(it.marking) ?? [])
    expect(criteria[0]?.[0]?.accepted_phrasings).toEqual(['"powerhouse of the cell", which many pupils say'])
    expect(criteria[1]?.map((it) => [it.description, it.marks, it.accepted_phrasings])).toEqual([
      ['names oxygen', 1, []],
      ['names glucose', 1, ['sugar', 'dextrose']],
    ])
    expect(criteria[2]?.map((it) => [it.description, it.marks])).toEqual([['Water moves through a membrane.', 2]])
    expect(slipsOf(questions)).toEqual([])
    expect(notes).toEqual([{ line: 20, text: 'Choose one.' }])
  })

  it('takes lettered criteria of a question that has text and marks for criteria', () => {
    const { questions } = parseGuide('1. Explain erosion. [2]\na) water moves [1]\nb) it takes soil [1]\n', 'markdown')
    expect(questions.map((it) => [it.label, criteriaOf(it.marking)?.length])).toEqual([['1', 2]])
    expect(slipsOf(questions)).toEqual([])
  })

  it('is read from tables, those of a whole scheme and those of one question', () => {
    const scheme = parseGuide(
      `| No. | Question | Answer | Accept | Marks | Guidance |
| --- | --- | --- | --- | --- | --- |
| 1. | Who? | Gutenberg | J. Gutenberg | 1 | not Caxton |
| 2 (a) | Why? | cheaper books | | 1 | |
| | | more readers | | 1 | |
| Total | | | | 3 | |
`,
      'markdown',
    )
    expect(scheme.questions.map((it) => [it.label, it.text, it.marks, criteriaOf(it.marking)?.length])).toEqual([
      ['1', 'Who?', 1, 1],
      ['2a', 'Why?', 2, 2],
    ])
    expect(scheme.notes).toEqual([{ line: 1, text: 'Guidance' }])
    const own = parseGuide(
      '1. Why? [3]\n\n| Criterion | Marks |\n| cheaper books | 1 |\n| more readers | 2 |\n',
      'markdown',
    )
    expect(criteriaOf(own.questions[0]!.marking)?.map((it) => it.marks)).toEqual([1, 2])
    const plain = parseGuide('1. Why? [3]\n\n| cheaper books | 1 |\n| more readers | 2 marks |\n', 'markdown')
    expect(criteriaOf(plain.questions[0]!.marking)?.map((it) => it.marks)).toEqual([1, 2])
  })

  it('takes lines with marks of their own for criteria', () => {
    const { questions } = parseGuide('1. Why?\nSay two things. [2]\ncheaper books [1]\nmore readers (1)\n', 'markdown')
    expect(questions[0]?.text).toBe('Why?\nSay two things.')
    expect(criteriaOf(questions[0]!.marking)?.map((it) => it.description)).toEqual(['cheaper books', 'more readers'])
  })

  it('does not take numbers for labels', () => {
    const { questions, notes } = parseGuide('1. How long? [1]\n3.5 hours\n10:30 at night\n1.1 Nothing\n', 'markdown')
    expect(questions.map((it) => it.label)).toEqual(['1'])
    expect(notes.map((it) => it.line)).toEqual([4])
  })

  it('says which lines were not understood', () => {
    expect(parseGuide('Some words before any question', 'markdown').notes).toEqual([
      { line: 1, text: 'Some words before any question' },
    ])
    expect(parseGuide('a,b\n1,2', 'csv').notes).toEqual([{ line: 1, text: 'a, b' }])
    expect(parseGuide('{', 'json').questions).toEqual([])
  })
})

it('knows the format by the name or the look', () => {
  expect([formatOf('a.csv', ''), formatOf('a.md', '# x'), formatOf('', ' {"questions":[]}')]).toEqual([
    'csv',
    'markdown',
    'json',
  ])
})

it('reads quoted cells', () =>
  expect(readCsv('a,b\n"x ""y"", z","1\n2"')).toEqual([
    ['a', 'b'],
    ['x "y", z', '1\n2'],
  ]))
