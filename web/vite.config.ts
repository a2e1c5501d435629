import { fileURLToPath } from 'node:url'

import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const port = Number(process.env.SMARTSCRIPTS_PORT ?? 4566)

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: {
    alias: {
      '@shared': fileURLToPath(new URL('../shared', import.meta.url)),
      '@': fileURLToPath(new URL('./src', import.meta.url)),
    },
  },
  // `npm run dev` beside `make up`: the same one origin, so that the refresh cookie works.
  server: { proxy: { '/v1': `http://127.0.0.1:${port}` }, fs: { allow: ['..'] } },
  build: {
    target: 'es2022',
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What reads and writes PDFs is large, and loaded only where somebody chooses one.
    chunkSizeWarningLimit: 600,
  },
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'], restoreMocks: true },
})
