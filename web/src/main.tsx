import './styles.css'

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router'

import { session } from '@/api/session'
import { Providers } from '@/app/providers'
import { router } from '@/app/router'
import { followTheme } from '@/lib/theme'

followTheme()
// Asked at once, while the page is still being put together; whoever needs it waits for the same answer.
session.refresh().catch(() => session.end())

const root = document.getElementById('root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Providers>
        <RouterProvider router={router} />
      </Providers>
    </StrictMode>,
  )
}
