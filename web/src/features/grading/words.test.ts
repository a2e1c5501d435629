import { describe, expect, it } from 'vitest'

import { isDoubtful, isNameMissing, piecesOf, rangeOf, regionOf, withoutLoose, withoutNames } from './words'

const box = (x: number, y: number) => [
  [x, y],
  [x + 10, y],
  [x + 10, y + 10],
  [x, y + 10],
]
const line = (y: number, ...words: [string, number][]) => ({
  words: words.map(([text, confidence], i) => ({ text, confidence, quad: box(i * 20, y), struck_out: false })),
})
const page = (number: number, lines: ReturnType<typeof line>[]) => ({ page: number, width: 100, height: 100, lines })

const reading = {
  pages: [
    page(1, [
      line(0, ['1', 1], ['the', 0.9], ['cell', 0.4]),
      line(20, ['2', 1], ['the', 0.9], ['printing', 0.5], ['press', 0.9]),
    ]),
    page(2, [line(0, ['was', 0.95], ['new', 0.6])]),
  ],
}

describe('the words of an answer', () => {
  const pieces = piecesOf('the printing press\nwas new', reading)

  it('are found on the page, though another answer begins with the same word', () => {
    expect(pieces.map((it) => it.text).join('')).toBe('the printing press\nwas new')
    expect(pieces.filter((it) => it.word).map((it) => [it.word?.page, it.word?.quad?.[0]])).toEqual([
      [1, [20, 20]],
      [1, [40, 20]],
      [1, [60, 20]],
      [2, [0, 0]],
      [2, [20, 0]],
    ])
  })

  it('are doubtful where the reader was', () => {
    expect(pieces.filter(isDoubtful).map((it) => it.text)).toEqual(['printing', 'new'])
  })

  it('say where the answer stands', () => {
    expect(regionOf(pieces)).toEqual({ page: 1, left: 20, top: 20, right: 70, bottom: 30 })
  })

  it('are shown without a reading too', () => {
    expect(piecesOf('a typed answer', undefined).every((it) => it.word === undefined)).toBe(true)
    expect(regionOf(piecesOf('a typed answer', undefined))).toBeUndefined()
  })
})

it('counts what evidence counts, in bytes, as the browser counts', () => {
  const answer = 'Käse – der Mond'
  const bytes = new TextEncoder().encode('Käse – ').length
  expect(answer.slice(...rangeOf(answer, { start: bytes, end: bytes + 3 }))).toBe('der')
})

it('covers what belongs to no answer, where a name may stand', () => {
  const named = page(1, [line(0, ['Amara', 1], ['Okafor', 1]), line(20, ['1', 1], ['cell', 0.4])])
  const [found] = withoutLoose([named], [{ page: 1, text: 'Amara Okafor' }])
  expect(found?.covered).toEqual([{ left: 0, top: 0, right: 30, bottom: 10 }])
  expect(found?.page.lines.map((it) => it.words.map((word) => word.text).join(' '))).toEqual(['1 cell'])
})

describe('the head of the first page', () => {
  const answers = [line(50, ['1', 1], ['cell', 0.4]), line(70, ['2', 1], ['press', 0.9])]

  it('is covered down to the first answer, whether a name was read in it or not', () => {
    const [first, second] = withoutNames([page(1, answers), page(2, answers)], [])
    expect(first?.covered).toEqual([{ left: 0, top: 0, right: 100, bottom: 38 }])
    expect(second?.covered).toEqual([])
  })

  it('is the usual part of a page on which no answer stands', () => {
    const [found] = withoutNames([{ ...page(1, []), height: 600 }], [])
    expect(found?.covered).toEqual([{ left: 0, top: 0, right: 100, bottom: 88 }])
  })

  it('may not be all, if no line was read that could be a name', () => {
    const pages = [{ ...page(1, answers), url: '/page-1.png' }]
    expect(isNameMissing(pages, [])).toBe(true)
    expect(isNameMissing(pages, [{ page: 1, text: 'Amara Okafor' }])).toBe(false)
    expect(isNameMissing([page(1, answers)], [])).toBe(false)
  })
})
