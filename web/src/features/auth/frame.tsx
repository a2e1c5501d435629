import type { ReactNode } from 'react'

import { useI18n } from '@/i18n'

/** The page on which one is not logged in yet. */
export function Frame({ title, about, children }: { title: string; about?: ReactNode; children: ReactNode }) {
  const { t, language, setLanguage } = useI18n()
  return (
    <div className="grid min-h-dvh grid-rows-[1fr_auto] bg-paper px-4">
      <title>{`${title} · SmartScripts`}</title>
      <main className="mx-auto grid w-full max-w-md content-center gap-6 py-10">
        <div className="flex items-center gap-3">
          <img src="/icon.svg" alt="" width={36} height={36} />
          <span className="text-lg font-semibold tracking-tight">SmartScripts</span>
        </div>
        <div className="rounded-2xl border border-line bg-surface p-6 shadow-card sm:p-8">
          <h1 className="text-xl font-semibold">{title}</h1>
          {about && <div className="mt-1.5 text-sm text-ink-soft">{about}</div>}
          <div className="mt-6 grid gap-5">{children}</div>
        </div>
      </main>
      <footer className="flex flex-wrap justify-center gap-x-4 gap-y-1 pb-6 text-sm text-ink-soft">
        <span>{t('auth.promise')}</span>
        <button
          type="button"
          className="underline underline-offset-4"
          lang={language === 'en' ? 'de' : 'en'}
          onClick={() => setLanguage(language === 'en' ? 'de' : 'en')}
        >
          {language === 'en' ? 'Deutsch' : 'English'}
        </button>
      </footer>
    </div>
  )
}
