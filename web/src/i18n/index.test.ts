import { act, createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

import { Problem } from '@/api/problem'

import { I18nProvider, useI18n, type I18n, type Language } from './index'

beforeEach(() => vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true))
afterEach(() => {
  vi.unstubAllGlobals()
  localStorage.clear()
})

async function speaking(language: Language): Promise<I18n> {
  localStorage.setItem('language', language)
  let found: I18n | undefined
  const Listener = () => {
    const i18n = useI18n()
    found = i18n
    return null
  }
  const root = createRoot(document.createElement('div'))
  await act(async () => root.render(createElement(I18nProvider, null, createElement(Listener))))
  await vi.waitFor(async () => {
    await act(async () => undefined)
    expect(found).toBeDefined()
  })
  await act(async () => root.unmount())
  if (!found) throw new Error('nothing was loaded')
  return found
}

const refused = (code: string, detail: string) => new Problem(400, code, detail)

it('says what the service says, in German too', async () => {
  const sentence = 'The answer chooses B, which is right.'
  expect((await speaking('en')).said(sentence)).toBe(sentence)
  expect((await speaking('de')).said(sentence)).toBe('Die Antwort wählt B, was richtig ist.')
})

it('says what went wrong by its sentence, else by its code', async () => {
  const [english, german] = [await speaking('en'), await speaking('de')]
  const roster = refused('roster_invalid', 'Line 3: The name is missing.\nLine 4: The same as line 2.')
  expect(english.wrong(roster)).toBe(roster.message)
  expect(german.wrong(roster)).toBe('Zeile 3: Name fehlt.\nZeile 4: Dasselbe wie Zeile 2.')
  expect(german.wrong(refused('last_owner', 'It is new.'))).toBe('Die Organisation muss einen Inhaber behalten.')
  expect(german.wrong(refused('new_code', 'It is new.'))).toBe('It is new.')
  expect(german.wrong(refused('new_code', ''))).toBe(german.t('problem.unexpected'))
})
