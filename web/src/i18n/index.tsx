import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react'

import { codeOf, Problem } from '@/api/problem'

import { en } from './en'

/** Every text of the application, by its key. `{name}` is filled in; a key may have a form for one: `key.one`. */
export type Texts = typeof en
export type Key = keyof Texts
export type Catalogue = Record<Key, string>
export type Language = 'en' | 'de'
type Values = Record<string, string | number>

export const LANGUAGES: Record<Language, string> = { en: 'English', de: 'Deutsch' }

/** What an application says in a language: its own texts, and those that the service makes. */
type Loaded = { texts: Catalogue; said: (text: string) => string }

const ENGLISH: Loaded = { texts: en, said: (text) => text }

const load: Record<Language, () => Promise<Loaded>> = {
  en: async () => ENGLISH,
  de: async () => {
    const [{ de }, { saidDe }, { sayer }] = await Promise.all([import('./de'), import('./said-de'), import('./said')])
    return { texts: de, said: sayer(saidDe) }
  },
}

const isKey = (key: string): key is Key => key in en

/** A text with its values filled in; with `count` in the form for that many. */
export function translate(texts: Catalogue, language: Language, key: Key, values: Values = {}): string {
  const one = `${key}.one`
  const isOne = 'count' in values && new Intl.PluralRules(language).select(Number(values.count)) === 'one'
  const text = isOne && isKey(one) ? texts[one] : texts[key]
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value
  })
}

const makeFormats = (language: Language) => {
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' })
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 })
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 })
  const list = new Intl.ListFormat(language)
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  return {
    /** A day, in the viewer's zone. */
    date: (at: string) => date.format(new Date(at)),
    /** A time, in the viewer's zone. */
    time: (at: string) => time.format(new Date(at)),
    percent: (share: number) => percent.format(share),
    number: (value: number) => number.format(value),
    /** One, another and a third. */
    list: (items: string[]) => list.format(items),
    /** How long ago, or until when. */
    ago: (at: string) => {
      const seconds = (new Date(at).getTime() - Date.now()) / 1000
      const [size, unit] = UNITS.find(([size]) => Math.abs(seconds) >= size) ?? [1, 'second' as const]
      return relative.format(Math.trunc(seconds / size), unit)
    },
  }
}

const UNITS = [
  [86400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

export type I18n = {
  language: Language
  setLanguage: (language: Language) => void
  t: (key: Key, values?: Values) => string
  /** A text whose key is put together from a code; the other one if there is none. */
  named: (prefix: string, code: string, otherwise?: string) => string
  /** A sentence that the service has made, such as why marks are given; English if it isn't in the catalogue. */
  said: (text: string) => string
  /** What went wrong, in the user's words. */
  wrong: (error: unknown) => string
  format: ReturnType<typeof makeFormats>
}

const Context = createContext<I18n | null>(null)

const preferred = (): Language => {
  const said = localStorage.getItem('language') ?? navigator.language.slice(0, 2)
  return said === 'de' ? 'de' : 'en'
}

export function I18nProvider({ children }: { children: ReactNode }) {
  const [loaded, setLoaded] = useState<Loaded & { language: Language }>()
  const setLanguage = useCallback((language: Language) => {
    load[language]().then(
      (found) => setLoaded({ language, ...found }),
      () => setLoaded({ language: 'en', ...ENGLISH }),
    )
  }, [])
  useEffect(() => setLanguage(preferred()), [setLanguage])
  useEffect(() => {
    if (loaded) document.documentElement.lang = loaded.language
  }, [loaded])

  const value = useMemo((): I18n | null => {
    if (!loaded) return null
    const { language, texts, said } = loaded
    const t: I18n['t'] = (key, values) => translate(texts, language, key, values)
    const named: I18n['named'] = (prefix, code, otherwise = code) => {
      const key = `${prefix}.${code}`
      return isKey(key) ? texts[key] : otherwise
    }
    return {
      language,
      setLanguage: (next) => {
        localStorage.setItem('language', next)
        setLanguage(next)
      },
      t,
      named,
      said,
      wrong: (error) => {
        // The API's own sentence says the most; if it is known in English only, there may be one for its code.
        const detail = error instanceof Problem ? error.message : ''
        const isSaid = detail !== '' && (language === 'en' || said(detail) !== detail)
        return isSaid ? said(detail) : named('problem', codeOf(error), detail || texts['problem.unexpected'])
      },
      format: makeFormats(language),
    }
  }, [loaded, setLanguage])

  return value && <Context value={value}>{children}</Context>
}

export function useI18n(): I18n {
  const i18n = use(Context)
  if (!i18n) throw new Error('useI18n outside of I18nProvider')
  return i18n
}
