import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Reply, startFakeOrigin } from '../../test/kit/edge/fake-origin.ts'
import type { UpstreamRequest } from './origin-request.ts'
import { createUpstream, type UpstreamOptions } from './upstream.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function setUp(reply: Reply, options: Partial<UpstreamOptions> = {}) {
  const origin = await startFakeOrigin()
  origin.otherwise(reply)
  const upstream = createUpstream({ peerKey: 'secret', ...options })
  closers.push(async () => {
    upstream.close()
    await origin.die()
  })
  const fetch = (change: Partial<UpstreamRequest> = {}) =>
    upstream.fetch({
      url: origin.url,
      target: '/x',
      isHeld: false,
      maxBodyBytes: 1000,
      signal: new AbortController().signal,
      ...change,
    })
  return { fetch, origin }
}

test('a response with the headers that matter', async () => {
  const { fetch } = await setUp((response) => {
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
  const held = fetch({ isHeld: true }).then((response) => ({ response, ms: performance.now() - startedAt }))
  const first = await Promise.race([fetch(), held])
  expect(first).toMatchObject({ status: 504, reason: 'origin_timeout' })
  const { response, ms } = await held
  expect(response).toMatchObject({ status: 504 })
  expect(ms).toBeGreaterThan(140)
})

test('a body that stalls, breaks off or is too long is a failure', async () => {
  const { fetch } = await setUp(
    (response, target) => {
      response.writeHead(200, target === '/long' ? {} : { 'content-length': '10' })
      response.write('12345')
      if (target === '/broken') setImmediate(() => response.destroy())
      if (target === '/long') response.end(Buffer.alloc(2000))
    },
    { stallMs: 50 },
  )
  expect(await fetch({ target: '/stalled' })).toMatchObject({ reason: 'origin_timeout' })
  expect(await fetch({ target: '/broken' })).toMatchObject({ reason: 'origin_unreachable' })
  expect(await fetch({ target: '/long' })).toMatchObject({ reason: 'origin_error' })
})

test('nothing listens there, or the URL is invalid', async () => {
  const { fetch, origin } = await setUp(() => {})
  await origin.die()
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
      // The second request on a connection is answered by a reset, as when the idle timeout of the origin
      // expires at that moment.
      if (served) socket.resetAndDestroy()
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      served = true
    })
  })
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(tcp.address() as AddressInfo).port}`
  closers.push(() => void tcp.close())
  const { fetch } = await setUp(() => {})
  expect(await fetch({ url })).toMatchObject({ status: 200 })
  expect(await fetch({ url })).toMatchObject({ status: 200 })
  expect(requests).toBe(3)
})

test('requests beyond the limit are refused, and places become free again', async () => {
  const waiting: (() => void)[] = []
  const { fetch } = await setUp((response) => waiting.push(() => response.end()), {
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

test('guesses are a fraction of the held requests, so that those for the live edge have places', async () => {
  const waiting: (() => void)[] = []
  const { fetch } = await setUp((response) => waiting.push(() => response.end()), { heldSockets: 16 })
  const guess = { isHeld: true, isGuess: true }
  const guesses = [fetch(guess), fetch(guess)]
  expect(await fetch(guess)).toMatchObject({ status: 503, reason: 'origin_busy' })
  const live = Array.from({ length: 14 }, () => fetch({ isHeld: true }))
  while (waiting.length < 16) await new Promise((resolve) => setImmediate(resolve))
  for (const respond of waiting) respond()
  for (const { status } of await Promise.all([...guesses, ...live])) expect(status).toBe(200)
})
