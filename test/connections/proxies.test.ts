import { readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createTrustedProxies } from '../../core/connections/trusted-proxies.ts'
import { listen } from '../../core/process/http-server.ts'
import { createEdgeServer } from '../../edge/server.ts'
import { binaryHeader, startRelay, textHeader } from '../kit/connections/proxy-relay.ts'
import { makeCertificate } from '../kit/http/certificates.ts'
import { get } from '../kit/http/client.ts'
import { connectHttp2 } from '../kit/http/http2-client.ts'
import { openRaw, sendRaw } from '../kit/http/raw-connection.ts'
import { type IngestFixture, startIngestFixture } from '../kit/ingest/ingest-fixture.ts'
import { startTestManager } from '../kit/manager/test-manager.ts'
import { startPublisher } from '../kit/publisher.ts'
import { makeTempDir } from '../kit/temp-dir.ts'

const dir = makeTempDir()
const certificate = makeCertificate(dir.path, 'proxied')
const tls = { cert: readFileSync(certificate.cert), key: readFileSync(certificate.key) }
const cleanUp: (() => unknown)[] = []
let fixture: IngestFixture

beforeAll(async () => {
  fixture = await startIngestFixture()
})
afterEach(async () => {
  for (const each of cleanUp.splice(0).toReversed()) await each()
})
afterAll(async () => {
  await fixture?.stop()
  dir.remove()
})

interface EdgeOptions {
  proxies?: string[]
  isSecure?: boolean
  maxPerAddress?: number
  headMs?: number
}

/** Starts an edge server that responds with the client's address. Returns its port. */
async function startEdge({
  proxies = ['127.0.0.1'],
  isSecure,
  maxPerAddress = 0,
  headMs = 5000,
}: EdgeOptions) {
  const edge = createEdgeServer(
    {
      handle: (exchange) => {
        const body = exchange.client.address
        exchange.send(200, ['content-length', String(body.length)], body)
      },
      handleOther: () => false,
    },
    {
      maxConnections: 1000,
      maxPerAddress,
      proxies: createTrustedProxies(proxies),
      deadlines: { tlsHandshakeMs: 5000, headMs, bodyMs: 5000, idleMs: 5000, responseMs: 5000 },
      tls: isSecure ? tls : undefined,
      now: () => performance.now(),
    },
  )
  cleanUp.push(edge.close)
  return listen(edge.listener, '127.0.0.1', 0, 'test')
}

async function relay(port: number, header: Buffer | string, isSlow?: boolean) {
  const started = await startRelay(port, header, isSlow)
  cleanUp.push(started.close)
  return started.port
}

const clientAt = async (port: number, headers = {}, scheme = 'http') =>
  (await get(`${scheme}://127.0.0.1:${port}/live/x`, { headers })).body.toString()

test.each([
  ['text', textHeader('203.0.113.7'), '203.0.113.7'],
  ['text for IPv6', textHeader('2001:db8::7'), '2001:db8::7'],
  ['binary', binaryHeader('203.0.113.7'), '203.0.113.7'],
  ['none', '', '127.0.0.1'],
])('an edge takes the client from the PROXY protocol: %s', async (_form, header, client) => {
  for (const isSecure of [false, true]) {
    const port = await startEdge({ isSecure })
    for (const isSlow of [false, true]) {
      const front = await relay(port, header, isSlow)
      expect(await clientAt(front, {}, isSecure ? 'https' : 'http')).toBe(client)
    }
  }
})

test('HTTP/2 behind the PROXY protocol and behind an HTTP proxy', async () => {
  const port = await startEdge({ isSecure: true })
  const front = await relay(port, textHeader('203.0.113.7'))
  expect(await clientOverHttp2(front)).toBe('203.0.113.7')
  expect(await clientOverHttp2(port, { 'x-forwarded-for': '203.0.113.9' })).toBe('203.0.113.9')
})

async function clientOverHttp2(port: number, headers = {}): Promise<string> {
  const session = connectHttp2(`https://127.0.0.1:${port}`)
  const stream = session.request({ ':path': '/live/x', ...headers })
  let body = ''
  for await (const chunk of stream.setEncoding('utf8')) body += chunk
  session.destroy()
  return body
}

test('requests of one connection of a proxy have clients of their own', async () => {
  const port = await startEdge({})
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  cleanUp.push(() => agent.destroy())
  const ask = async (headers: Record<string, string>) =>
    (await get(`http://127.0.0.1:${port}/live/x`, { agent, headers })).body.toString()
  expect(await ask({ 'x-forwarded-for': '203.0.113.1' })).toBe('203.0.113.1')
  expect(await ask({ 'x-forwarded-for': '203.0.113.2' })).toBe('203.0.113.2')
  expect(await ask({ 'x-forwarded-for': '6.6.6.6, 203.0.113.2' })).toBe('203.0.113.2')
  expect(await ask({ forwarded: 'for="[2001:db8::7]:4711";proto=https' })).toBe('2001:db8::7')
  expect(await ask({})).toBe('127.0.0.1')
  // A request with TE is left to node:http, the one after it too.
  expect(await ask({ 'x-forwarded-for': '203.0.113.3', te: 'trailers' })).toBe('203.0.113.3')
  expect(await ask({ 'x-forwarded-for': '203.0.113.4' })).toBe('203.0.113.4')
})

test('what clients say about themselves is not believed', async () => {
  const port = await startEdge({ proxies: ['192.0.2.1'] })
  for (const headers of [{ 'x-forwarded-for': '203.0.113.7' }, { forwarded: 'for=203.0.113.7' }])
    expect(await clientAt(port, headers)).toBe('127.0.0.1')
  expect(
    await sendRaw(`http://127.0.0.1:${port}`, `${textHeader('203.0.113.7')}GET /live/x HTTP/1.1\r\n\r\n`),
  ).toMatch(/^HTTP\/1\.1 400 /)
  // The client behind a proxy is not a proxy itself, so its X-Forwarded-For is ignored.
  const front = await relay(await startEdge({}), textHeader('203.0.113.7'))
  expect(await clientAt(front, { 'x-forwarded-for': '203.0.113.9' })).toBe('203.0.113.7')
})

test('a header of the PROXY protocol is bounded in bytes and time', async () => {
  const port = await startEdge({ headMs: 300 })
  for (const bytes of [
    'PROXY ',
    `PROXY TCP4 ${'1'.repeat(200)}`,
    '\r\n\r\n\0\r\nQUIT\n',
    'PROXY NONSENSE\r\n',
    '',
  ]) {
    const connection = await openRaw(`http://127.0.0.1:${port}`, bytes)
    await connection.closed
    expect(connection.received()).toHaveLength(0)
  }
})

test('limits per client count the clients of a proxy, and not the proxy', async () => {
  const port = await startEdge({ maxPerAddress: 1 })
  const fronts = [await relay(port, textHeader('203.0.113.7')), await relay(port, textHeader('203.0.113.8'))]
  const open = async (front: number) => {
    const connection = await openRaw(`http://127.0.0.1:${front}`, 'GET /live/x HTTP/1.1\r\nhost: x\r\n\r\n')
    cleanUp.push(() => connection.socket.destroy())
    return connection
  }
  const served = (text: Buffer) =>
    text.includes('203.0.113.') || text.includes('127.0.0.1') ? true : undefined
  for (const front of fronts) await (await open(front)).until('a response', served)
  const [first = 0] = fronts
  await (await open(first)).closed
  for (let n = 0; n < 3; n += 1) await (await open(port)).until('a response', served)
})

test.each(['rtmp', 'rtmps'])('a publisher behind a proxy has its own address: %s', async (scheme) => {
  const ingest = await fixture.start({
    NOWCAST_TRUSTED_PROXIES: '127.0.0.1',
    NOWCAST_RTMPS_PORT: '0',
    NOWCAST_TLS_CERT: certificate.cert,
    NOWCAST_TLS_KEY: certificate.key,
  })
  const port = scheme === 'rtmp' ? ingest.rtmpPort : ingest.rtmpsPort
  const front = await relay(port, binaryHeader('203.0.113.7'))
  const publisher = startPublisher({ url: `${scheme}://127.0.0.1:${front}/live/key-demo`, size: '160x90' })
  expect((await fixture.sessionWithSource('demo')).publisher.address).toBe('203.0.113.7')
  await publisher.stop('SIGKILL')
  await ingest.stop()
})

test('the manager counts wrong tokens per client of a proxy', async () => {
  const manager = await startTestManager(fixture.redis.url, { NOWCAST_TRUSTED_PROXIES: '127.0.0.1' })
  cleanUp.push(manager.close)
  const guess = (from: string) =>
    manager.get('/v1/channels', { authorization: 'Bearer wrong', 'x-forwarded-for': from })
  for (let n = 0; n < 10; n += 1) expect((await guess('203.0.113.7')).status).toBe(401)
  expect((await guess('203.0.113.7')).status).toBe(429)
  expect((await guess('203.0.113.8')).status).toBe(401)
})
