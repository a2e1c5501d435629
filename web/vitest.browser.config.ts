import { defineConfig } from 'vitest/config'

// The tests in a real browser, on the running system: `make up` first. In the mode `speed`, what `make bench` measures.
export default defineConfig(({ mode }) => ({
  test: {
    include: [mode === 'speed' ? 'browser/speed.ts' : 'browser/*.test.ts'],
    reporters: ['default', ['junit', { outputFile: '../.local/reports/browser.xml' }]],
    fileParallelism: false,
    testTimeout: 400_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 15_000 } }, // the second that it waits by itself is short for a busy machine
  },
}))
