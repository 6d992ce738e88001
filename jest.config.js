import { availableParallelism } from 'node:os'

/** The tests run the same files that production runs, and as Node loads them. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testRunner: '<rootDir>/test/support/suite-runner.ts',
  transform: {},
  modulePathIgnorePatterns: ['<rootDir>/.data/'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // A test that waits in vain ends of itself; this is for one that hangs, on a machine however busy.
  testTimeout: 120_000,
  // Most suites wait for a server, a clock or a thread: two side by side take half the time, on two cores too.
  maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
  // A worker that has grown is replaced: what suites leave in a process would slow those after them.
  workerIdleMemoryLimit: '2GB',
}
