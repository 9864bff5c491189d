import { defineConfig } from 'vitest/config';

const unit = {
  include: ['test/**/*.test.ts'],
  exclude: ['test/e2e/**/*.browser.test.ts', 'node_modules/**'],
  globalSetup: ['test/support/azurite.ts', 'test/support/scratch.ts'],
  pool: 'threads',
  // Loading the SDKs anew for each file takes longer than most of the tests: a file must leave nothing behind for the next.
  isolate: false,
  restoreMocks: true,
  // Only against hanging: the heaviest take 20 s alone on two slow cores.
  testTimeout: 120_000,
  hookTimeout: 60_000,
} as const;

/** @param all how much of what is generated is tried unless TEST_SHARE says otherwise: see test/support/runs.ts */
const share = (all: string) => ({ TEST_SHARE: process.env['TEST_SHARE'] ?? all });

export default defineConfig({
  test: {
    // By default one core is left idle, which on two is half of the machine.
    maxWorkers: '100%',
    projects: [
      { test: { ...unit, name: 'unit' } },
      { test: { ...unit, name: 'long', env: share('1'), testTimeout: 600_000 } },
      {
        // What needs no storage, no server and no other process: for while one works.
        test: {
          name: 'fast',
          include: [
            'test/{rules,audit,drift,alerts,network,api,teams}/**/*.test.ts',
            'test/estate/parse-cluster.test.ts',
            'test/app/config.test.ts',
            'test/*.test.ts',
          ],
          // A bot behind a server, and policies of a size that takes seconds.
          exclude: ['test/teams/{bot,clouds,door,signing-keys}.test.ts', 'test/network/malformed-size.test.ts'],
          pool: 'threads',
          isolate: false,
          restoreMocks: true,
          env: share('0.02'),
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
