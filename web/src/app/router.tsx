import { createBrowserRouter, type RouteObject } from 'react-router'

import { Skeleton } from '@/components/states'
import { LoggedIn } from '@/features/auth/context'

import { ErrorPage, NotFound } from './error-page'

type Module = { default: React.ComponentType }

/** A route whose code is loaded when somebody goes there; without a path, what shows at its parent's. */
function page(path: string, load: () => Promise<Module>, children?: RouteObject[]): RouteObject {
  const route = { lazy: async () => ({ Component: (await load()).default }), errorElement: <ErrorPage /> }
  return path ? { ...route, path, children } : { ...route, index: true }
}

const assessment = page('assessments/:assessment', () => import('@/features/assessments/frame'), [
  page('', () => import('@/features/assessments/scripts')),
  page('guide', () => import('@/features/assessments/guide-editor')),
  page('upload', () => import('@/features/assessments/upload')),
  page('whose', () => import('@/features/assessments/whose')),
  page('review', () => import('@/features/grading/review')),
  page('groups', () => import('@/features/grading/groups')),
  page('lines/:submission', () => import('@/features/grading/lines')),
  page('statistics', () => import('@/features/assessments/statistics')),
  page('release', () => import('@/features/assessments/release')),
])

const organization: RouteObject = {
  path: '/o/:org',
  lazy: async () => ({ Component: (await import('./shell')).default }),
  errorElement: <ErrorPage />,
  children: [
    page('', () => import('./dashboard')),
    page('assessments', () => import('@/features/assessments/list')),
    assessment,
    page('assessments/:assessment/grade', () => import('@/features/grading/grade')),
    page('feedback', () => import('@/features/student/list')),
    page('feedback/:assessment/:submission', () => import('@/features/student/feedback')),
    page('students', () => import('@/features/organization/students')),
    page('people', () => import('@/features/organization/people')),
    page('teams', () => import('@/features/organization/teams')),
    page('api-keys', () => import('@/features/organization/api-keys')),
    page('settings', () => import('@/features/organization/settings')),
    page('plan', () => import('@/features/billing/plan')),
    page('audit', () => import('@/features/audit/log')),
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
