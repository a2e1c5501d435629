import { expect, it } from 'vitest'

import { contentType, groupFiles, whose } from './grouping'

const file = (path: string) => ({
  name: path.split('/').at(-1) ?? path,
  type: '',
  webkitRelativePath: path.includes('/') ? path : '',
})
const roster = [
  { name: 'Amara Okafor', number: '1001' },
  { name: 'Zoë Müller', number: '1002' },
]
const shape = (paths: string[]) =>
  groupFiles(paths.map(file), roster).map(
    (group) => `${group.name}|${group.number}: ${group.files.map((it) => it.name).join(' ')}`,
  )

it('puts the pages of one student together, in the order of their numbers', () => {
  expect(shape(['amara-okafor-10.jpg', 'amara-okafor-2.jpg', 'zoe_mueller.pdf'])).toEqual([
    'Amara Okafor|1001: amara-okafor-2.jpg amara-okafor-10.jpg',
    'Zoe Mueller|: zoe_mueller.pdf',
  ])
})

it('does not take the end of a name for a page', () => {
  expect(shape(['diego-fuentes-1.jpg', 'diego-fuentes-2.jpg', 'ben_p3.png', 'ben_p4.png'])).toEqual([
    'Diego Fuentes|: diego-fuentes-1.jpg diego-fuentes-2.jpg',
    'Ben|: ben_p3.png ben_p4.png',
  ])
})

it('takes a folder of numbered pages for one script', () => {
  expect(shape(['class/1001/1.jpg', 'class/1001/2.jpg', 'class/1002/IMG_3.jpg'])).toEqual([
    'Amara Okafor|1001: 1.jpg 2.jpg',
    'Zoë Müller|1002: IMG_3.jpg',
  ])
})

it('takes a folder of differently named files for many scripts', () => {
  expect(shape(['scans/amara-okafor.png', 'scans/ben-clarke.png'])).toEqual([
    'Amara Okafor|1001: amara-okafor.png',
    'Ben Clarke|: ben-clarke.png',
  ])
})

it('keeps PDFs apart, whatever they are called', () => {
  expect(shape(['scan 1.pdf', 'scan 2.pdf'])).toHaveLength(2)
})

it('finds whose it is by number or by name, accents and order aside', () => {
  expect(whose('1002_test', roster).name).toBe('Zoë Müller')
  expect(whose('Muller, Zoe', roster).number).toBe('1002')
  expect(whose('IMG 4711', roster)).toEqual({ name: '', number: '' })
})

it('knows what can be read', () => {
  expect(contentType(file('a.JPG'))).toBe('image/jpeg')
  expect(contentType(file('a.docx'))).toBeUndefined()
})
