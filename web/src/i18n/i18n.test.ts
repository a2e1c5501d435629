import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { de } from './de'
import { en } from './en'
import { translate } from './index'

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(join(folder, entry.name)) : [readFileSync(join(folder, entry.name), 'utf8')],
  )

describe('the catalogue', () => {
  it('has no text that nothing shows', () => {
    const code = sources('src')
      .filter((text) => !text.includes('const en = {') && !text.includes('const de: '))
      .join('\n')
    // Of these families the key is put together from a code.
    const families = [...code.matchAll(/named\(\s*'(\w+)'/g)].map(([, family]) => `${family}.`)
    const isShown = (key: string) =>
      code.includes(`'${key}'`) || families.some((it) => key.startsWith(it)) || /^(release|problem)\./.test(key)
    expect(Object.keys(en).filter((key) => !isShown(key.replace(/\.one$/, '')))).toEqual([])
  })

  it('fills in the same values in every language', () => {
    const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([it]) => it).toSorted()
    const keys = Object.keys(en) as (keyof typeof en)[]
    expect(keys.filter((key) => values(en[key]).join() !== values(de[key]).join())).toEqual([])
  })
})

it('says of a permission in English what the service says of it', () => {
  const table = readFileSync('../shared/domain/src/permission.rs', 'utf8')
  const rows = table.matchAll(/((?:^ {4}\/\/\/ .*\n)+) {4}\w+ = "(\w+)":/gm)
  const told = [...rows].map(([, doc = '', name]) => [
    `permissionAbout.${name}`,
    doc.replaceAll(/\s*\/\/\/ /g, ' ').trim(),
  ])
  expect(told.length).toBeGreaterThan(20)
  const shown = Object.entries(en).filter(([key]) => key.startsWith('permissionAbout.'))
  expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(told))
})

it('says one and many as the language does, and spells numbers as people do', () => {
  expect(translate(en, 'en', 'people.invited', { count: 1 })).toBe('The invitation is on its way.')
  expect(translate(en, 'en', 'people.invited', { count: 1200 })).toBe('1,200 invitations are on their way.')
  expect(translate(de, 'de', 'people.invited', { count: 1200 })).toBe('1.200 Einladungen sind unterwegs.')
})
