import { createBrowserRouter, type RouteObject } from 'react-router'

import { Skeleton } from '@/components/states'
import { LoggedIn } from '@/features/auth/context'
import type { Permission } from '@/features/organization/context'

import { ErrorPage, NotFound } from './error-page'
import { OnlyFor } from './only-for'

type Module = { default: React.ComponentType }

/** A route whose code is loaded when somebody goes there; without a path, what shows at its parent's. */
function page(path: string, load: () => Promise<Module>, children?: RouteObject[]): RouteObject {
  const route = { lazy: async () => ({ Component: (await load()).default }), errorElement: <ErrorPage /> }
  return path ? { ...route, path, children } : { ...route, index: true }
}

/** A page of an organization for whoever has the permission; others are told, also at its address. */
const only = (permission: Permission, path: string, load: () => Promise<Module>): RouteObject =>
  page(path, async () => {
    const { default: Component } = await load()
    return {
      default: () => (
        <OnlyFor permission={permission}>
          <Component />
        </OnlyFor>
      ),
    }
  })

const assessment = page('assessments/:assessment', () => import('@/features/assessments/frame'), [
  page('', () => import('@/features/assessments/scripts')),
  page('guide', () => import('@/features/assessments/guide-editor')),
  only('manage_submissions', 'upload', () => import('@/features/assessments/upload')),
  only('grade', 'whose', () => import('@/features/assessments/whose')),
  only('grade', 'review', () => import('@/features/grading/review')),
  only('grade', 'groups', () => import('@/features/grading/groups')),
  only('grade', 'lines/:submission', () => import('@/features/grading/lines')),
  page('statistics', () => import('@/features/assessments/statistics')),
  only('release_feedback', 'release', () => import('@/features/assessments/release')),
])

const organization: RouteObject = {
  path: '/o/:org',
  lazy: async () => ({ Component: (await import('./shell')).default }),
  errorElement: <ErrorPage />,
  children: [
    page('', () => import('./dashboard')),
    page('assessments', () => import('@/features/assessments/list')),
    assessment,
    only('grade', 'assessments/:assessment/grade', () => import('@/features/grading/grade')),
    page('feedback', () => import('@/features/student/list')),
    page('feedback/:assessment/:submission', () => import('@/features/student/feedback')),
    only('read_members', 'students', () => import('@/features/organization/students')),
    only('read_members', 'people', () => import('@/features/organization/people')),
    only('read_teams', 'teams', () => import('@/features/organization/teams')),
    only('manage_api_keys', 'api-keys', () => import('./api-keys')),
    only('read_organization', 'settings', () => import('@/features/organization/settings')),
    only('read_usage', 'plan', () => import('@/features/billing/plan')),
    only('read_audit', 'audit', () => import('@/features/audit/log')),
    page('privacy', () => import('@/features/privacy/organization')),
  ],
}

export const router = createBrowserRouter([
  {
    errorElement: <ErrorPage />,
    hydrateFallbackElement: <Skeleton className="mx-auto pt-24 max-w-xl px-4" />,
    children: [
      page('/log-in', () => import('@/features/auth/log-in')),
      page('/register', () => import('@/features/auth/register')),
      page('/verify-email', () => import('@/features/auth/verify-email')),
      page('/forgot-password', () => import('@/features/auth/forgot-password')),
      page('/reset-password', () => import('@/features/auth/reset-password')),
      page('/accept-invite', () => import('@/features/auth/accept-invite')),
      {
        element: <LoggedIn />,
        children: [
          {
            lazy: async () => ({ Component: (await import('./shell')).PersonalShell }),
            errorElement: <ErrorPage />,
            children: [
              page('/', () => import('@/features/organization/choose')),
              {
                path: '/organizations',
                lazy: async () => {
                  const { default: Choose } = await import('@/features/organization/choose')
                  return { element: <Choose always /> }
                },
              },
              page('/account', () => import('@/features/auth/account')),
              page('/privacy', () => import('@/features/privacy/own')),
            ],
          },
          organization,
        ],
      },
      { path: '*', element: <NotFound /> },
    ],
  },
])
