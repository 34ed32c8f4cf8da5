import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type IngestFixture, ingestMain, startIngestFixture } from '../kit/ingest/ingest-fixture.ts'
import { startProcess } from '../kit/processes.ts'
import { startPublisher } from '../kit/publisher.ts'
import { makeTempDir } from '../kit/temp-dir.ts'

let fixture: IngestFixture
const dir = makeTempDir()
const cert = join(dir.path, 'cert.pem')
const key = join(dir.path, 'key.pem')

beforeAll(async () => {
  fixture = await startIngestFixture()
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-subj', '/CN=127.0.0.1', '-keyout', key, '-out', cert],
  ])
  if (made.status !== 0) throw new Error(made.stderr.toString())
})
afterAll(async () => {
  await fixture?.stop()
  dir.remove()
})

test('publishing over TLS', async () => {
  const ingest = await fixture.start({
    NOWCAST_RTMPS_PORT: '0',
    NOWCAST_TLS_CERT: cert,
    NOWCAST_TLS_KEY: key,
  })
  const publisher = startPublisher({
    url: `rtmps://127.0.0.1:${ingest.rtmpsPort}/live/key-demo`,
    size: '160x90',
  })
  const { source } = await fixture.sessionWithSource('demo')
  expect(source.video).toMatchObject({ width: 160, height: 90 })
  await publisher.stop('SIGKILL')
  await ingest.stop()
})

test.each([
  ['no file', {}, 'NOWCAST_RTMPS_PORT needs NOWCAST_TLS_CERT'],
  [
    'a missing file',
    { NOWCAST_TLS_CERT: '/nowhere.pem', NOWCAST_TLS_KEY: '/nowhere.pem' },
    'NOWCAST_TLS_CERT cannot be read',
  ],
  [
    'a file without a certificate',
    { NOWCAST_TLS_CERT: 'bad', NOWCAST_TLS_KEY: 'bad' },
    'are not a PEM certificate',
  ],
])('%s stops the start with one line', async (_what, env, line) => {
  const bad = join(dir.path, 'bad')
  writeFileSync(bad, 'not a certificate')
  const files = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value === 'bad' ? bad : value]),
  )
  const ingest = startProcess(process.execPath, [ingestMain], {
    env: {
      ...process.env,
      REDIS_URL: fixture.redis.url,
      NOWCAST_DATA_DIR: dir.path,
      NOWCAST_RTMPS_PORT: '0',
      ...files,
    },
  })
  expect((await ingest.exited).code).toBe(1)
  expect(ingest.lines).toHaveLength(1)
  expect(ingest.lines[0]).toContain(line)
})
