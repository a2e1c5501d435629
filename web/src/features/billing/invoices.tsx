import { FileText } from 'lucide-react'

import { Button } from '@/components/button'
import { Empty, Loaded } from '@/components/states'
import { Badge, Card, CardTitle, Table } from '@/components/surface'
import { useI18n, type Key } from '@/i18n'

import { useInvoices } from './api/use-invoices'
import { useMoney } from './use-money'

const TONES: Record<string, 'right' | 'wrong' | 'plain'> = { paid: 'right', open: 'wrong', uncollectible: 'wrong' }

const HEAD: Key[] = [
  'billing.invoiceNumber',
  'billing.invoiceDate',
  'billing.invoiceTotal',
  'billing.invoiceStatus',
  'billing.invoiceFile',
]

/** The invoices, with Stripe's own pages and files. */
export function Invoices() {
  const { t, named, format } = useI18n()
  const { amount } = useMoney()
  const invoices = useInvoices()
  return (
    <Card>
      <CardTitle>{t('billing.invoices')}</CardTitle>
      <Loaded query={invoices} lines={2}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (!items.length) return <Empty icon={FileText} title={t('billing.noInvoices')} />
          return (
            <div className="grid gap-4">
              <Table caption={t('billing.invoices')} head={HEAD.map((key) => t(key))}>
                {items.map((it) => {
                  const number = it.number ?? t('billing.draft')
                  return (
                    <tr key={it.id}>
                      <td className="whitespace-nowrap">
                        {it.page_url ? (
                          <a href={it.page_url} className="font-medium text-accent underline underline-offset-4">
                            {number}
                          </a>
                        ) : (
                          number
                        )}
                      </td>
                      <td className="whitespace-nowrap">{format.date(it.created_at)}</td>
                      <td className="whitespace-nowrap tabular-nums">{amount(it.total, it.currency)}</td>
                      <td className="whitespace-nowrap">
                        <Badge tone={TONES[it.status] ?? 'plain'}>{named('invoice', it.status)}</Badge>
                      </td>
                      <td>
                        {it.pdf_url && (
                          <a
                            href={it.pdf_url}
                            aria-label={t('billing.pdfOf', { number })}
                            className="font-medium text-accent underline underline-offset-4"
                          >
                            PDF
                          </a>
                        )}
                      </td>
                    </tr>
                  )
                })}
              </Table>
              {invoices.hasNextPage && (
                <Button
                  look="secondary"
                  className="justify-self-start"
                  busy={invoices.isFetchingNextPage}
                  onClick={() => void invoices.fetchNextPage()}
                >
                  {t('common.more')}
                </Button>
              )}
            </div>
          )
        }}
      </Loaded>
    </Card>
  )
}
