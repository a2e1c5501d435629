import { Lock } from 'lucide-react'
import type { ReactNode } from 'react'

import { ButtonLink } from '@/components/button'
import { Empty } from '@/components/states'
import { Page } from '@/components/surface'
import { useOrganization, type Permission } from '@/features/organization/context'
import { useI18n } from '@/i18n'

/** A whole page for those who have the permission; others are told whom to ask. */
export function OnlyFor({ permission, children }: { permission: Permission; children: ReactNode }) {
  const { t } = useI18n()
  const { organization, can } = useOrganization()
  if (can(permission)) return children
  return (
    <Page title={t('nav.notAllowed')}>
      <Empty icon={Lock} title={t('nav.notAllowed')}>
        <p>{t('nav.notAllowedAbout')}</p>
        <ButtonLink look="secondary" to={`/o/${organization.id}`}>
          {t('nav.dashboard')}
        </ButtonLink>
      </Empty>
    </Page>
  )
}
