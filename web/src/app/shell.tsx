import {
  BarChart3,
  ChevronsUpDown,
  ClipboardList,
  CreditCard,
  GraduationCap,
  KeyRound,
  LayoutDashboard,
  LogOut,
  Menu as MenuIcon,
  MessageSquareText,
  ScrollText,
  Settings,
  ShieldCheck,
  UserRound,
  UsersRound,
  WifiOff,
  X,
  type LucideIcon,
} from 'lucide-react'
import { Suspense, useEffect, useState, type ReactNode } from 'react'
import { Link, NavLink, Outlet, useLocation, useNavigate } from 'react-router'

import { IconButton } from '@/components/button'
import { Menu, MenuItem, MenuLabel, MenuLine } from '@/components/menu'
import { Skeleton } from '@/components/states'
import { resumeUploads, uploads } from '@/features/assessments/uploads'
import { useAccount } from '@/features/auth/api/use-account'
import { useLogOut } from '@/features/auth/api/use-log-out'
import { useUserId } from '@/features/auth/context'
import { BillingProvider } from '@/features/billing/context'
import { Overdue } from '@/features/billing/overdue'
import { useDrafts } from '@/features/grading/use-draft'
import { OrganizationProvider, useOrganization, type Permission } from '@/features/organization/context'
import { useI18n, type Key } from '@/i18n'
import { cn } from '@/lib/cn'
import { useCloseWarning } from '@/lib/use-leave-warning'
import { useOnline } from '@/lib/use-online'

type Item = { to: string; key: Key; icon: LucideIcon; permission?: Permission; only?: 'student' | 'staff' }

const NAVIGATION: { key: Key; items: Item[] }[] = [
  {
    key: 'nav.work',
    items: [
      { to: '', key: 'nav.dashboard', icon: LayoutDashboard, only: 'staff' },
      { to: 'assessments', key: 'nav.assessments', icon: ClipboardList, permission: 'read_assessments' },
      { to: 'feedback', key: 'nav.feedback', icon: MessageSquareText, permission: 'read_released', only: 'student' },
      { to: 'students', key: 'nav.students', icon: GraduationCap, permission: 'read_members', only: 'staff' },
    ],
  },
  {
    key: 'nav.organization',
    items: [
      { to: 'people', key: 'nav.people', icon: UserRound, permission: 'read_members', only: 'staff' },
      { to: 'teams', key: 'nav.teams', icon: UsersRound, permission: 'read_teams', only: 'staff' },
      { to: 'api-keys', key: 'nav.apiKeys', icon: KeyRound, permission: 'manage_api_keys' },
      { to: 'plan', key: 'nav.plan', icon: CreditCard, permission: 'read_billing' },
      { to: 'audit', key: 'nav.audit', icon: ScrollText, permission: 'read_audit', only: 'staff' },
      { to: 'privacy', key: 'nav.privacy', icon: ShieldCheck },
      { to: 'settings', key: 'nav.settings', icon: Settings, permission: 'read_organization' },
    ],
  },
]

/** Everything of one organization, with its navigation: only what the viewer's role may see. */
export default function OrganizationShell() {
  const drafts = useDrafts()
  const user = useUserId()
  useEffect(() => resumeUploads(user), [user])
  useCloseWarning(() => drafts.isAny() || uploads.isAnyLost())
  return (
    <OrganizationProvider>
      <BillingProvider>
        <Frame sidebar={(close) => <Navigation onGo={close} />} switcher={<Switcher />} above={<Overdue />} />
      </BillingProvider>
    </OrganizationProvider>
  )
}

/** What is about the person, not one organization. */
export function PersonalShell() {
  return <Frame />
}

type FrameProps = { sidebar?: (close: () => void) => ReactNode; switcher?: ReactNode; above?: ReactNode }

function Frame({ sidebar, switcher, above }: FrameProps) {
  const { t } = useI18n()
  const { pathname } = useLocation()
  const [open, setOpen] = useState(false)
  const close = () => setOpen(false)
  const isWide = pathname.endsWith('/grade')
  useEffect(() => {
    scrollTo(0, 0)
  }, [pathname])
  return (
    <div className="min-h-dvh">
      <a
        href="#content"
        className="sr-only z-50 rounded-lg bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t('nav.skip')}
      </a>
      <header className="sticky top-0 z-30 flex h-14 items-center gap-3 border-b border-line bg-surface/95 px-3 backdrop-blur sm:px-5">
        {sidebar && (
          <IconButton
            label={t(open ? 'nav.close' : 'nav.open')}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
            className={isWide ? undefined : 'lg:hidden'}
          >
            {open ? <X aria-hidden className="size-5" /> : <MenuIcon aria-hidden className="size-5" />}
          </IconButton>
        )}
        <Link to="/" className="flex items-center gap-2.5 font-semibold tracking-tight">
          <img src="/icon.svg" alt="" width={26} height={26} />
          <span className={switcher ? 'sr-only sm:not-sr-only' : undefined}>SmartScripts</span>
        </Link>
        {switcher}
        <div className="flex-1" />
        <PersonMenu />
      </header>
      <Offline />
      {above}
      <div className={cn('mx-auto flex', isWide ? '' : 'max-w-[96rem]')}>
        {sidebar && (
          <aside
            className={cn(
              'fixed inset-y-0 top-14 left-0 z-20 w-64 shrink-0 overflow-y-auto border-r border-line bg-surface p-4',
              open ? 'block' : 'hidden',
              !isWide && 'lg:sticky lg:block lg:h-[calc(100dvh-3.5rem)] lg:border-0 lg:bg-transparent',
            )}
          >
            {sidebar(close)}
          </aside>
        )}
        <main
          id="content"
          tabIndex={-1}
          className={cn('min-w-0 flex-1 outline-none', isWide ? '' : 'px-4 py-6 sm:px-8 sm:py-8')}
        >
          <Suspense fallback={<Skeleton className="max-w-3xl" />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
    </div>
  )
}

function Navigation({ onGo }: { onGo: () => void }) {
  const { t } = useI18n()
  const { organization, membership, can } = useOrganization()
  const isStudent = membership.role === 'student'
  const isShown = ({ permission, only }: Item) =>
    (!permission || can(permission)) && (!only || (only === 'student') === isStudent)
  return (
    <nav aria-label={t('nav.main')} className="grid gap-6">
      {NAVIGATION.map(({ key, items }) => (
        <div key={key}>
          <p className="px-3 pb-1.5 text-xs font-semibold text-ink-soft">{t(key)}</p>
          <ul className="grid gap-0.5">
            {items.filter(isShown).map(({ to, key, icon: Icon }) => (
              <li key={key}>
                <NavLink
                  to={`/o/${organization.id}${to && `/${to}`}`}
                  end={to === ''}
                  onClick={onGo}
                  className={({ isActive }) =>
                    cn(
                      'flex items-center gap-3 rounded-lg px-3 py-2 text-sm font-medium text-ink-soft hover:bg-sunken hover:text-ink',
                      isActive && 'bg-accent-soft text-accent hover:bg-accent-soft hover:text-accent',
                    )
                  }
                >
                  <Icon aria-hidden className="size-4.5" />
                  {t(key)}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  )
}

function Switcher() {
  const { t, named } = useI18n()
  const { organization, all } = useOrganization()
  const navigate = useNavigate()
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          className="flex min-w-0 items-center gap-2 rounded-lg px-2.5 py-1.5 text-sm font-medium hover:bg-sunken"
        >
          <span className="truncate">{organization.name}</span>
          <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-ink-soft" />
          <span className="sr-only">{t('choose.switch')}</span>
        </button>
      }
    >
      {all.map((item) => (
        <MenuItem key={item.organization.id} onSelect={() => void navigate(`/o/${item.organization.id}`)}>
          <span className="flex-1">{item.organization.name}</span>
          <span className="text-ink-soft">{named('role', item.membership.role)}</span>
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem onSelect={() => void navigate('/organizations')}>
        <BarChart3 aria-hidden className="size-4" />
        {t('choose.all')}
      </MenuItem>
    </Menu>
  )
}

function PersonMenu() {
  const { t } = useI18n()
  const account = useAccount()
  const logOut = useLogOut()
  const navigate = useNavigate()
  const name = account.data?.name ?? ''
  const initials = name
    .split(/\s+/)
    .map((part) => part[0])
    .filter((_, i, all) => i === 0 || i === all.length - 1)
    .join('')
  return (
    <Menu
      trigger={
        <button
          type="button"
          className="grid size-9 place-items-center rounded-full bg-accent-soft text-sm font-semibold text-accent uppercase"
        >
          <span aria-hidden>{initials || <UserRound className="size-4" />}</span>
          <span className="sr-only">{t('nav.you', { name })}</span>
        </button>
      }
    >
      <MenuLabel>
        {name}
        <br />
        <span className="font-normal">{account.data?.email}</span>
      </MenuLabel>
      <MenuItem onSelect={() => void navigate('/account')}>
        <UserRound aria-hidden className="size-4" />
        {t('account.title')}
      </MenuItem>
      <MenuItem onSelect={() => void navigate('/privacy')}>
        <ShieldCheck aria-hidden className="size-4" />
        {t('privacy.own')}
      </MenuItem>
      <MenuLine />
      <MenuItem onSelect={() => logOut.mutate()}>
        <LogOut aria-hidden className="size-4" />
        {t('auth.logOut')}
      </MenuItem>
    </Menu>
  )
}

function Offline() {
  const { t } = useI18n()
  const online = useOnline()
  if (online) return null
  return (
    <p role="status" className="flex items-center justify-center gap-2 bg-doubt-soft px-4 py-2 text-sm text-doubt">
      <WifiOff aria-hidden className="size-4" />
      {t('common.offline')}
    </p>
  )
}
