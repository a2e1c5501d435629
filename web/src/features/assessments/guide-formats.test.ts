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
