import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**/*.browser.test.ts', 'node_modules/**'],
          globalSetup: ['test/support/azurite.ts'],
          pool: 'threads',
          // Only against hanging: the heaviest take 20 s alone on two slow cores.
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        // What needs no storage, no server and no other process: for while one works.
        test: {
          name: 'fast',
          include: [
            'test/{rules,audit,drift}/**/*.test.ts',
            'test/network/gotchas/*.test.ts',
            'test/estate/parse-cluster.test.ts',
          ],
          pool: 'threads',
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/e2e/**/*.browser.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
