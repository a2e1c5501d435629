import type { ReactNode } from 'react'
import { NavLink, Outlet, useOutletContext, useParams } from 'react-router'

import type { Api } from '@/api/types'
import { Loaded } from '@/components/states'
import { Page } from '@/components/surface'
import { useOrganization, type Permission } from '@/features/organization/context'
import { useI18n, type Key } from '@/i18n'
import { cn } from '@/lib/cn'

import { useAssessment } from './api/use-assessment'

type Context = { assessment: Api<'Assessment'>; progress: Api<'Progress'> }

/** The assessment in the address, for the pages under it. */
export const useShown = () => useOutletContext<Context>()

const TABS: [string, Key, Permission][] = [
  ['', 'assessments.scripts', 'read_submissions'],
  ['guide', 'assessments.guide', 'read_assessments'],
  ['upload', 'assessments.upload', 'manage_submissions'],
  ['review', 'assessments.review', 'grade'],
  ['statistics', 'assessments.statistics', 'read_submissions'],
  ['release', 'assessments.release', 'release_feedback'],
]

/** What all pages of an assessment share: its title and where one can go. */
export default function AssessmentFrame() {
  const { t } = useI18n()
  const { organization, can } = useOrganization()
  const { assessment: id = '' } = useParams()
  const query = useAssessment(id)
  return (
    <Loaded query={query}>
      {({ assessment, progress }) => (
        <Page title={assessment.title} trail={[[t('nav.assessments'), `/o/${organization.id}/assessments`]]}>
          <nav
            aria-label={assessment.title}
            className="-mx-1 mb-6 flex gap-1 overflow-x-auto border-b border-line px-1"
          >
            {TABS.filter(([, , permission]) => can(permission)).map(([path, key]) => (
              <Tab key={key} to={path}>
                {t(key)}
                {path === 'review' && progress.needs_review > 0 && (
                  <span className="rounded-full bg-doubt-soft px-2 text-xs text-doubt">{progress.needs_review}</span>
                )}
              </Tab>
            ))}
          </nav>
          <Outlet context={{ assessment, progress } satisfies Context} />
        </Page>
      )}
    </Loaded>
  )
}

const Tab = ({ to, children }: { to: string; children: ReactNode }) => (
  <NavLink
    to={to}
    end
    className={({ isActive }) =>
      cn(
        'flex shrink-0 items-center gap-2 border-b-2 border-transparent px-3 py-2.5 text-sm font-medium text-ink-soft hover:text-ink',
        isActive && 'border-accent text-ink',
      )
    }
  >
    {children}
  </NavLink>
)
