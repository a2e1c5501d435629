import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'

import { cn } from '@/lib/cn'

type Props = { trigger: ReactNode; children: ReactNode; align?: 'start' | 'end' }

/** A menu that a button opens. */
export function Menu({ trigger, children, align = 'end' }: Props) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      {/* Within the page's main part, so that screen readers find it in a landmark. */}
      <DropdownMenu.Portal container={document.getElementById('content')}>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          className="z-40 min-w-52 rounded-xl border border-line bg-surface p-1.5 text-ink shadow-card"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

const ITEM =
  'flex w-full cursor-pointer items-center gap-2.5 rounded-lg px-3 py-2 text-sm outline-none data-highlighted:bg-sunken'

export function MenuItem({
  onSelect,
  danger,
  children,
}: {
  onSelect: () => void
  danger?: boolean
  children: ReactNode
}) {
  return (
    <DropdownMenu.Item onSelect={onSelect} className={cn(ITEM, danger && 'text-wrong')}>
      {children}
    </DropdownMenu.Item>
  )
}

export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <DropdownMenu.Label className="px-3 pt-2 pb-1 text-xs font-semibold text-ink-soft">{children}</DropdownMenu.Label>
)

export const MenuLine = () => <DropdownMenu.Separator className="my-1.5 h-px bg-line" />
