import { useRouteError } from 'react-router'

import { ButtonLink, Button } from '@/components/button'
import { Wrong } from '@/components/states'
import { useI18n } from '@/i18n'

/** What shows when a page can't: the rest of the application goes on. */
export function ErrorPage() {
  const { t } = useI18n()
  const error = useRouteError()
  return (
    <main className="mx-auto grid max-w-xl gap-5 px-4 py-16">
      <h1 className="text-xl font-semibold">{t('problem.title')}</h1>
      <Wrong error={error} />
      <div className="flex gap-2">
        <Button onClick={() => location.reload()}>{t('common.reload')}</Button>
        <ButtonLink look="secondary" to="/">
          {t('nav.dashboard')}
        </ButtonLink>
      </div>
    </main>
  )
}

export function NotFound() {
  const { t } = useI18n()
  return (
    <main className="mx-auto grid max-w-xl gap-5 px-4 py-16">
      <title>{`${t('problem.not_found_title')} · SmartScripts`}</title>
      <h1 className="text-xl font-semibold">{t('problem.not_found_title')}</h1>
      <p>{t('problem.not_found')}</p>
      <ButtonLink to="/" className="justify-self-start">
        {t('nav.dashboard')}
      </ButtonLink>
    </main>
  )
}
