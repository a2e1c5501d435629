import { MessageSquareText } from 'lucide-react'
import { Link } from 'react-router'

import { Empty, Loaded } from '@/components/states'
import { Page } from '@/components/surface'
import { useOrgId } from '@/features/organization/context'
import { useI18n } from '@/i18n'

import { useReleasedList } from './api/use-released-list'

/** A student's own feedback, as it was released. */
export default function FeedbackListPage() {
  const { t, format } = useI18n()
  const org = useOrgId()
  const released = useReleasedList()
  return (
    <Page title={t('nav.feedback')}>
      <Loaded query={released}>
        {(items) =>
          items.length === 0 ? (
            <Empty icon={MessageSquareText} title={t('student.none')}>
              <p>{t('student.noneAbout')}</p>
            </Empty>
          ) : (
            <ul className="grid max-w-3xl gap-3">
              {items
                .toSorted((a, b) => b.released_at.localeCompare(a.released_at))
                .map((it) => (
                  <li key={it.submission}>
                    <Link
                      to={`/o/${org}/feedback/${it.assessment}/${it.submission}`}
                      className="flex flex-wrap items-center justify-between gap-3 rounded-2xl border border-line bg-surface p-5 shadow-card hover:border-accent"
                    >
                      <span className="font-medium">{it.title}</span>
                      <span className="text-sm text-ink-soft">{format.date(it.released_at)}</span>
                    </Link>
                  </li>
                ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  )
}
