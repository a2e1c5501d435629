import { Download, FolderDown } from 'lucide-react'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Empty, FormError } from '@/components/states'
import { Badge } from '@/components/surface'
import { useI18n } from '@/i18n'

import { useExportLink } from './api/use-export-link'

const TONES = { in_progress: 'info', ready: 'right', expired: 'plain', failed: 'wrong' } as const

type Props = { items: Api<'ExportSummary'>[]; org?: string; about?: (item: Api<'ExportSummary'>) => string }

/** Exports that were asked for, with a link as long as there is a file. */
export function Exports({ items, org, about }: Props) {
  const { t, named, said, format } = useI18n()
  const link = useExportLink(org)
  if (items.length === 0) return <Empty icon={FolderDown} title={t('privacy.noExports')} />
  return (
    <div className="grid gap-3">
      <ul className="grid divide-y divide-line">
        {items.map((item) => (
          <li key={item.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 text-sm">
            <span className="min-w-40 flex-1">
              <span className="block font-medium">{format.time(item.requested_at)}</span>
              <span className="text-ink-soft">
                {[
                  about?.(item),
                  item.bytes && t('privacy.bytes', { size: format.number(item.bytes / 1e6) }),
                  item.failure && said(item.failure.message),
                ]
                  .filter(Boolean)
                  .join(' · ')}
                {item.state === 'ready' &&
                  item.available_until &&
                  ` ${t('privacy.until', { date: format.time(item.available_until) })}`}
              </span>
            </span>
            <Badge tone={TONES[item.state]}>{named('export', item.state)}</Badge>
            {item.state === 'ready' && (
              <Button
                look="secondary"
                small
                busy={link.isPending && link.variables === item.id}
                onClick={() => link.mutate(item.id)}
              >
                <Download aria-hidden className="size-4" />
                {t('common.download')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <FormError error={link.error} />
    </div>
  )
}
