import { defineConfig } from 'vitest/config'

// The tests in a real browser, on the running system: `make up` first.
export default defineConfig({
  test: {
    include: ['browser/*.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    bail: 1,
  },
})
