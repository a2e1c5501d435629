import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { Problem } from '@/api/problem'
import { Toasts } from '@/components/toast'
import { AuthProvider } from '@/features/auth/context'
import { I18nProvider } from '@/i18n'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays one; a service that is busy, or a network that is gone, may be back soon.
      retry: (count, error) =>
        count < 2 && (!(error instanceof Problem) || error.status === 429 || error.status >= 500),
    },
  },
})

export function Providers({ children }: { children: ReactNode }) {
  return (
    <QueryClientProvider client={queries}>
      <I18nProvider>
        <Toasts>
          <AuthProvider>{children}</AuthProvider>
        </Toasts>
      </I18nProvider>
    </QueryClientProvider>
  )
}
