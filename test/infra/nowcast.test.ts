import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { roleProcessOf } from '../../core/process/role-process.mjs'
import { freePort } from '../kit/ports.ts'
import { descendantsOf } from '../kit/process-table.ts'
import { startProcess } from '../kit/processes.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { root } from '../kit/root.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'

let dir: TempDir
let redis: TestRedis
beforeEach(async () => {
  dir = makeTempDir()
  redis = await startRedis()
})
afterEach(async () => {
  await redis.stop()
  dir.remove()
})

/** Runs the program behind `npx nowcast` with a temporary data dir and the Redis of the test. */
const nowcast = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  startProcess(process.execPath, [join(root, 'infra/nowcast.mjs'), ...args], {
    env: { ...process.env, NOWCAST_DATA_DIR: dir.path, REDIS_URL: redis.url, ...env },
  })

test('a role runs alone with its V8 flags and ends with exit code 0', async () => {
  const port = await freePort()
  const command = nowcast(['edge'], { NOWCAST_EDGE_PORT: String(port) })
  await command.line(/"msg":"ready"/)
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
  const [edge] = descendantsOf(command.pid)
  for (const flag of roleProcessOf('edge').arguments) expect(edge?.command).toContain(` ${flag} `)
  expect(await command.stop('SIGINT')).toEqual({ code: 0, signal: null })
})

test.each([
  [[], 'nowcast: which role? it is one of ingest, transcoder, edge, manager (see nowcast --help)'],
  [
    ['shield'],
    'nowcast: there is no role "shield"; it is one of ingest, transcoder, edge, manager (see nowcast --help)',
  ],
  [
    ['edge', 'now'],
    'nowcast: there is no role "edge now"; it is one of ingest, transcoder, edge, manager (see nowcast --help)',
  ],
])('nowcast %j is refused with one line', async (args, line) => {
  const command = nowcast(args)
  expect(await command.exited).toEqual({ code: 2, signal: null })
  expect(command.lines).toEqual([line])
})
