import { once } from 'node:events'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate } from '../kit/http/certificates.ts'
import { type IngestFixture, startIngestFixture } from '../kit/ingest/ingest-fixture.ts'
import { startRawPublisher } from '../kit/ingest/raw-publisher.ts'
import { connectRtmp } from '../kit/ingest/rtmp-client.ts'
import { startProcess } from '../kit/processes.ts'
import { startPublisher } from '../kit/publisher.ts'
import { mainOf } from '../kit/root.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'

let fixture: IngestFixture
const dir = makeTempDir()
const { cert, key } = makeCertificate(dir.path, 'ingest')

/** Returns the settings of an RTMPS listener on a free port. */
const tlsOf = (files: { cert: string; key: string }) => ({
  NOWCAST_RTMPS_PORT: '0',
  NOWCAST_TLS_CERT: files.cert,
  NOWCAST_TLS_KEY: files.key,
})

beforeAll(async () => {
  fixture = await startIngestFixture()
})
afterAll(async () => {
  await fixture?.stop()
  dir.remove()
})

test('publishing over TLS, with the only place of the ingest', async () => {
  const ingest = await fixture.start({
    ...tlsOf({ cert, key }),
    NOWCAST_INGEST_MAX_CONNECTIONS: '1',
  })
  const publisher = startPublisher({
    url: `rtmps://127.0.0.1:${ingest.rtmpsPort}/live/key-demo`,
    size: '160x90',
  })
  const { source } = await fixture.sessionWithSource('demo')
  expect(source.video).toMatchObject({ width: 160, height: 90 })
  const late = await connectRtmp(ingest.rtmpPort)
  await late.closed
  expect(await fixture.registry.sessions()).toHaveLength(1)
  await publisher.stop('SIGKILL')
  await ingest.stop()
})

test('a renewed certificate is used for new connections, an invalid one never', async () => {
  const files = makeCertificate(dir.path, 'renewed')
  const ingest = await fixture.start({
    ...tlsOf(files),
  })
  const expiry = () => ingest.metric('nowcast_ingest_certificate_valid_until_seconds')
  expect(await commonNameAt(ingest.rtmpsPort)).toBe('renewed')
  expect(await expiry()).toBeGreaterThan(Date.now() / 1000)
  const publisher = startPublisher({
    url: `rtmps://127.0.0.1:${ingest.rtmpsPort}/live/key-other`,
    size: '160x90',
  })
  const { sessionId } = await fixture.sessionWithSource('other')

  const next = makeCertificate(dir.path, 'next')
  copyFileSync(next.cert, files.cert)
  copyFileSync(next.key, files.key)
  await waitFor('the new one', async () => (await commonNameAt(ingest.rtmpsPort)) === 'next')
  writeFileSync(files.cert, 'not a certificate')
  await ingest.process.line(/the previous one stays/)
  expect(await commonNameAt(ingest.rtmpsPort)).toBe('next')
  expect((await fixture.sessionWithSource('other')).sessionId, 'the publisher stays').toBe(sessionId)
  await publisher.stop('SIGKILL')
  await ingest.stop()
})

/** Returns the common name in the certificate that a new connection gets. */
async function commonNameAt(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect')
    return String(socket.getPeerCertificate().subject.CN)
  } finally {
    socket.destroy()
  }
}

test('clients that never begin TLS do not keep a publisher out, and few lines are logged about them', async () => {
  const ingest = await fixture.start({
    ...tlsOf({ cert, key }),
    NOWCAST_INGEST_MAX_CONNECTIONS: '5',
  })
  const silent = await Promise.all(Array.from({ length: 200 }, () => connectRtmp(ingest.rtmpsPort)))
  const isOpen = ({ socket }: { socket: { closed: boolean } }) => !socket.closed
  await waitFor('all places to be taken', () => silent.filter(isOpen).length === 5, { everyMs: 5 })
  const publisher = await startRawPublisher(ingest.rtmpPort, 'key-demo')
  publisher.sendConfigs()
  publisher.sendKeyframe(0)
  await fixture.sessionWithSource('demo')
  expect(ingest.process.lines.filter((line) => line.includes('connection refused')).length).toBeLessThan(30)
  await publisher.vanish()
  await ingest.stop()
  for (const client of silent) await client.closed
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
  const ingest = startProcess(process.execPath, [mainOf('ingest')], {
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
