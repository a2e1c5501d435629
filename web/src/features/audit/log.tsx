import { ScrollText, ShieldCheck } from 'lucide-react'
import { useState } from 'react'

import type { Api } from '@/api/types'
import { Button } from '@/components/button'
import { Dialog } from '@/components/dialog'
import { SelectField, TextField } from '@/components/field'
import { Empty, FormError, Loaded, Notice } from '@/components/states'
import { Badge, Card, Page } from '@/components/surface'
import { FromPlan } from '@/features/billing/from-plan'
import { useOrganization } from '@/features/organization/context'
import { useI18n } from '@/i18n'
import { filledIn } from '@/lib/form'

import { useAuditLog, type AuditFilter } from './api/use-audit-log'
import { useExportAudit } from './api/use-export-audit'
import { useVerifyAudit } from './api/use-verify-audit'
import { AuditProvider, useNames } from './context'
import { ACTIONS } from './actions'
import { useActionName } from './line'

/** The audit log: filtered, verified, exported. */
export default function AuditPage() {
  return (
    <AuditProvider>
      <Log />
    </AuditProvider>
  )
}

function Log() {
  const { t } = useI18n()
  const { can, scope } = useOrganization()
  const [filter, setFilter] = useState<AuditFilter>({})
  const [open, setOpen] = useState<'verify' | 'export'>()
  const log = useAuditLog(filter)
  const query = { ...log, data: log.data?.pages.flatMap((page) => page.items) }
  const actions = (
    <>
      {can('verify_audit') && (
        <Button look="secondary" onClick={() => setOpen('verify')}>
          <ShieldCheck aria-hidden className="size-4" />
          {t('audit.verify')}
        </Button>
      )}
      {can('export_audit') && (
        <Button look="secondary" onClick={() => setOpen('export')}>
          {t('audit.export')}
        </Button>
      )}
    </>
  )
  return (
    <Page
      title={t('nav.audit')}
      about={t(scope('read_audit') === 'own' ? 'audit.aboutOwn' : 'audit.about')}
      actions={actions}
    >
      <div className="grid gap-5">
        <Filters onFilter={setFilter} />
        <Loaded query={query} lines={8}>
          {(entries) =>
            entries.length === 0 ? (
              <Empty icon={ScrollText} title={t('audit.none')} />
            ) : (
              <>
                <ol className="grid gap-2">
                  {entries.map((entry) => (
                    <Entry key={entry.id} entry={entry} />
                  ))}
                </ol>
                {log.hasNextPage && (
                  <Button look="secondary" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                    {t('common.more')}
                  </Button>
                )}
              </>
            )
          }
        </Loaded>
      </div>
      {open === 'verify' && <Verify onClose={() => setOpen(undefined)} />}
      {open === 'export' && <Export onClose={() => setOpen(undefined)} />}
    </Page>
  )
}

/** The end of a day where the viewer is, which is not always 24 hours long. */
function endOf(day: string) {
  const end = new Date(`${day}T00:00`)
  end.setDate(end.getDate() + 1)
  return end.toISOString()
}

function Filters({ onFilter }: { onFilter: (filter: AuditFilter) => void }) {
  const { t } = useI18n()
  const { people } = useNames()
  const name = useActionName()
  const submit = ({ actor, action, target, from, to }: Record<string, string>) =>
    onFilter({
      ...(actor && { actor }),
      ...(action && { action }),
      ...(target && { target: target.trim() }),
      // A day begins where the viewer is.
      ...(from && { from: new Date(`${from}T00:00`).toISOString() }),
      ...(to && { to: endOf(to) }),
    })
  return (
    <Card>
      <form
        onSubmit={(event) => submit(filledIn(event))}
        className="grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-[1fr_1fr_1fr_auto_auto_auto]"
      >
        <SelectField label={t('audit.actor')} name="actor" defaultValue="">
          <option value="">{t('common.all')}</option>
          {people.map((person) => (
            <option key={person.id} value={person.id}>
              {person.name}
            </option>
          ))}
        </SelectField>
        <SelectField label={t('audit.action')} name="action" defaultValue="">
          <option value="">{t('common.all')}</option>
          {ACTIONS.map((action) => (
            <option key={action} value={action}>
              {name(action)}
            </option>
          ))}
        </SelectField>
        <TextField label={t('audit.target')} name="target" placeholder="sub_…" />
        <TextField label={t('audit.from')} name="from" type="date" />
        <TextField label={t('audit.to')} name="to" type="date" />
        <Button type="submit" look="secondary">
          {t('audit.filter')}
        </Button>
      </form>
    </Card>
  )
}

function Entry({ entry }: { entry: Api<'AuditEntry'> }) {
  const { t, format } = useI18n()
  const names = useNames()
  const name = useActionName()
  const details = Object.entries(entry.details)
  return (
    <li className="rounded-xl border border-line bg-surface">
      <details className="group">
        <summary className="flex cursor-pointer flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 text-sm">
          <span className="min-w-52 flex-1 font-medium">{name(entry.action)}</span>
          <span className="text-ink-soft">{names.actor(entry.actor)}</span>
          <time dateTime={entry.at} className="text-ink-soft">
            {format.time(entry.at)}
          </time>
          {entry.sequence ? <Badge>№ {entry.sequence}</Badge> : <Badge tone="info">{t('audit.unsealed')}</Badge>}
        </summary>
        <dl className="grid gap-x-6 gap-y-1.5 border-t border-line px-4 py-3 text-sm sm:grid-cols-[max-content_1fr]">
          {[
            [t('audit.target'), entry.target],
            [t('audit.network'), entry.network ?? '–'],
            [t('audit.request'), entry.request_id],
            ...details.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
          ].map(([key, value]) => (
            <div key={key} className="contents">
              <dt className="text-ink-soft">{key}</dt>
              <dd className="font-mono text-xs leading-5">{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </li>
  )
}

function Verify({ onClose }: { onClose: () => void }) {
  const { t, said, format } = useI18n()
  const verify = useVerifyAudit()
  const [found, setFound] = useState<Api<'AuditVerification'>>()
  const run = async () => {
    let cursor: string | null | undefined
    do {
      const part: Api<'AuditVerification'> = await verify.mutateAsync(cursor ? { cursor } : {})
      setFound(part)
      cursor = part.holds ? part.cursor : undefined
    } while (cursor)
  }
  return (
    <Dialog title={t('audit.verify')} open onClose={onClose}>
      <div className="grid gap-4">
        <p className="text-sm text-ink-soft">{t('audit.verifyAbout')}</p>
        {found && (
          <Notice tone={found.holds ? 'right' : 'wrong'}>
            <p className="font-medium">
              {found.holds
                ? t('audit.holds', { sequence: found.verified.sequence })
                : t('audit.broken', { sequence: found.fault?.sequence ?? 0 })}
            </p>
            {found.fault && <p>{said(found.fault.message)}</p>}
            <p>{t('audit.anchored', { sequence: format.number(found.anchored) })}</p>
          </Notice>
        )}
        <FormError error={verify.error} />
        <Button busy={verify.isPending} onClick={() => void run().catch(() => undefined)}>
          {t('audit.verifyNow')}
        </Button>
      </div>
    </Dialog>
  )
}

function Export({ onClose }: { onClose: () => void }) {
  const { t } = useI18n()
  const make = useExportAudit()
  const today = new Date()
  const day = (at: Date) => at.toLocaleDateString('sv')
  const submit = ({ format = '', from = '', to = '' }: Record<string, string>) =>
    make.mutate({
      format: format === 'jsonl' ? 'jsonl' : 'csv',
      from: new Date(`${from}T00:00`).toISOString(),
      to: endOf(to),
    })
  return (
    <Dialog title={t('audit.export')} open onClose={onClose}>
      <form onSubmit={(event) => submit(filledIn(event))} className="grid gap-5">
        <FromPlan feature="audit_export" />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={t('audit.from')}
            name="from"
            type="date"
            defaultValue={day(new Date(today.getTime() - 30 * 86_400_000))}
            required
          />
          <TextField label={t('audit.to')} name="to" type="date" defaultValue={day(today)} required />
        </div>
        <SelectField label={t('audit.format')} name="format">
          <option value="csv">CSV</option>
          <option value="jsonl">JSON Lines</option>
        </SelectField>
        <FormError error={make.error} />
        {make.data ? (
          <Notice tone="right">
            <p>{t('audit.exported', { count: make.data.entries })}</p>
            <a href={make.data.url} className="font-medium underline underline-offset-4">
              {t('common.download')}
            </a>
          </Notice>
        ) : (
          <Button type="submit" busy={make.isPending}>
            {t('audit.export')}
          </Button>
        )}
      </form>
    </Dialog>
  )
}
