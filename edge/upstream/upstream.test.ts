import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { UpstreamRequest } from './origin-request.ts'
import { createUpstream, type UpstreamOptions } from './upstream.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

async function portOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function setUp(listener: RequestListener, options: Partial<UpstreamOptions> = {}) {
  const server = createServer(listener)
  const url = await portOf(server)
  const upstream = createUpstream({ clusterSecret: 'secret', ...options })
  closers.push(() => {
    upstream.close()
    server.closeAllConnections()
    server.close()
  })
  const fetch = (change: Partial<UpstreamRequest> = {}) =>
    upstream.fetch({
      url,
      target: '/x',
      isHeld: false,
      maxBodyBytes: 1000,
      signal: new AbortController().signal,
      ...change,
    })
  return { fetch, server }
}

test('a response with the headers that matter', async () => {
  const { fetch } = await setUp((_request, response) => {
    response.writeHead(200, { age: '3', 'cache-control': 'max-age=1', 'content-type': 'text/a' }).end('body')
  })
  expect(await fetch()).toEqual({
    status: 200,
    age: 3,
    cacheControl: 'max-age=1',
    contentType: 'text/a',
    contentEncoding: undefined,
    body: Buffer.from('body'),
  })
})

test('an origin that does not respond times out, held requests later', async () => {
  const { fetch } = await setUp(() => {}, { responseMs: 50, heldResponseMs: 150 })
  const startedAt = performance.now()
  expect(await fetch()).toMatchObject({ status: 504, reason: 'origin_timeout' })
  expect(performance.now() - startedAt).toBeLessThan(140)
  expect(await fetch({ isHeld: true })).toMatchObject({ status: 504 })
  expect(performance.now() - startedAt).toBeGreaterThan(190)
})

test('a body that stalls, breaks off or is too long is a failure', async () => {
  const { fetch } = await setUp(
    (request, response) => {
      response.writeHead(200, request.url === '/long' ? {} : { 'content-length': '10' })
      response.write('12345')
      if (request.url === '/broken') setImmediate(() => response.destroy())
      if (request.url === '/long') response.end(Buffer.alloc(2000))
    },
    { stallMs: 50 },
  )
  expect(await fetch({ target: '/stalled' })).toMatchObject({ reason: 'origin_timeout' })
  expect(await fetch({ target: '/broken' })).toMatchObject({ reason: 'origin_unreachable' })
  expect(await fetch({ target: '/long' })).toMatchObject({ reason: 'origin_error' })
})

test('nothing listens there, or the URL is invalid', async () => {
  const { fetch, server } = await setUp(() => {})
  server.close()
  expect(await fetch()).toMatchObject({ status: 502, reason: 'origin_unreachable' })
  expect(await fetch({ url: 'nonsense' })).toMatchObject({ status: 502, reason: 'origin_error' })
})

test('a kept connection that the origin has closed is no failure', async () => {
  let requests = 0
  const tcp = createTcpServer((socket) => {
    let served = false
    socket.on('error', () => {})
    socket.on('data', () => {
      requests += 1
      // The second request on a connection finds it closing, as when an idle timeout expires at the same
      // time.
      if (served) socket.resetAndDestroy()
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      served = true
    })
  })
  const url = await portOf(tcp)
  closers.push(() => tcp.close())
  const { fetch } = await setUp(() => {})
  expect(await fetch({ url })).toMatchObject({ status: 200 })
  expect(await fetch({ url })).toMatchObject({ status: 200 })
  expect(requests).toBe(3)
})

test('requests beyond the limit are refused, and places become free again', async () => {
  const waiting: (() => void)[] = []
  const { fetch } = await setUp((_request, response) => waiting.push(() => response.end()), {
    heldSockets: 2,
  })
  const held = { isHeld: true }
  const asked = [fetch(held), fetch(held)]
  expect(await fetch(held)).toMatchObject({ status: 503, reason: 'origin_busy' })
  const leave = new AbortController()
  const prompt = fetch({ signal: leave.signal })
  leave.abort()
  await prompt
  while (waiting.length < 2) await new Promise((resolve) => setImmediate(resolve))
  for (const respond of waiting.splice(0)) respond()
  expect(await Promise.all(asked)).toMatchObject([{ status: 200 }, { status: 200 }])
  const again = fetch(held)
  while (waiting.length < 1) await new Promise((resolve) => setImmediate(resolve))
  waiting[0]?.()
  expect(await again).toMatchObject({ status: 200 })
})
