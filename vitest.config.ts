import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Searches the outputs of all processes for secrets, after the tests. */
const globalSetup = ['test/kit/run-record.ts']

/** Runs in each test file. */
const setupFiles = ['test/kit/after-each-file.ts']

/** The only test under test/ that runs with the unit tests. */
const boundaries = 'test/boundaries.test.ts'

/**
 * Number of integration test files, and of browser test files, that run at the same time. They mostly wait
 * for real time, so they hardly disturb each other.
 */
const integrationWorkers = Math.max(3, Math.floor(availableParallelism() / 2))
/** Pictures cost an ffmpeg for each session. The tests that are about them turn them on. */
const env = { NOWCAST_PICTURE_SECONDS: '0' }
const browserWorkers = Math.max(2, Math.floor(availableParallelism() / 2))

// Test files share the modules of a worker (`isolate: false`): loading them again for each file took two
// thirds of the time of the unit tests.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{client,core,ingest,transcoder,edge,manager,player,infra,bench}/**/*.test.ts',
            boundaries,
          ],
          exclude: ['**/node_modules/**'],
          setupFiles,
          // Some compute for seconds, and for far longer beside other programs.
          testTimeout: 60_000,
          isolate: false,
          // By default Vitest leaves one core to other programs.
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'integration',
          globalSetup,
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'test/browser/**', 'test/other-browsers/**', boundaries],
          setupFiles,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          isolate: false,
          env,
          maxWorkers: integrationWorkers,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'browser',
          globalSetup,
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          isolate: false,
          env,
          maxWorkers: browserWorkers,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'other-browsers',
          globalSetup,
          include: ['test/other-browsers/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 90_000,
          isolate: false,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
})
