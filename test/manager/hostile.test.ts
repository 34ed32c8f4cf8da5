import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ProblemBody } from '../../core/api/problem.ts'
import { listen } from '../../manager/server.ts'
import { openRaw, sendRaw } from '../kit/http/raw-connection.ts'
import { adminToken, startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

let server: TestRedis
let manager: TestManager
let port: number

beforeAll(async () => {
  server = await startRedis()
  manager = await startTestManager(server.url)
  port = await listen(manager.app, '127.0.0.1', 0)
  await manager.createChannel('show')
})
afterAll(async () => {
  // None of the requests caused an unexpected error, and the manager still works.
  const { status } = await manager.get('/v1/channels/show')
  const logged = manager.logged()
  await manager.close()
  await server.stop()
  expect(status).toBe(200)
  expect(logged).not.toContain('"level":"error"')
})

const send = (bytes: string | Buffer, end?: RegExp) => sendRaw(`http://127.0.0.1:${port}`, bytes, end)

const request = (line: string, headers: string[] = [], body = '') =>
  `${[line, 'host: x', `authorization: Bearer ${adminToken}`, 'connection: close', ...headers].join('\r\n')}\r\n\r\n${body}`

const statusOf = (response: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(response)?.[1])

test.each([
  'GET /v1/channels/../../etc/passwd HTTP/1.1',
  'GET /v1/channels/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1',
  'GET /v1/channels/%zz HTTP/1.1',
  'GET /v1/channels/show%00 HTTP/1.1',
  'GET /v1/channels/show/stream-key/.. HTTP/1.1',
  "GET /v1/channels/show'%20or%20'1'='1 HTTP/1.1",
  `GET /v1/channels/${'a'.repeat(5000)} HTTP/1.1`,
  'GET /v1/sessions/__proto__ HTTP/1.1',
  'GET /v1/sessions/s_%00%00%00%00%00%00%00%00%00%00%00 HTTP/1.1',
  'GET //v1//channels HTTP/1.1',
  'GET \\v1\\channels HTTP/1.1',
  'GET /assets/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1',
  'GET /assets/....//....//etc/passwd HTTP/1.1',
  'GET /docs/static/..%2f..%2fpackage.json HTTP/1.1',
  'PUT /v1/channels/show HTTP/1.1',
  'FOO /v1/channels HTTP/1.1',
  'GET /v1/channels HTTP/9.9',
])('refuses %s', async (line) => {
  const response = await send(request(line))
  expect(statusOf(response)).toBeGreaterThanOrEqual(400)
  expect(statusOf(response)).toBeLessThan(500)
  expect(response).toContain('application/problem+json')
  expect(response).not.toContain('root:')
})

test.each([
  ['nothing', ''],
  ['no JSON', 'slug=show'],
  ['half an object', '{"slug":"ok"'],
  ['a NUL', '{"slug":"a\u0000"}'],
  ['a prototype', '{"__proto__":{"slug":"ok"}}'],
  ['a constructor', '{"slug":"ok","constructor":{"prototype":{"x":1}}}'],
  ['a number', '7'],
  ['null', 'null'],
  ['deep nesting', `${'['.repeat(8000)}${']'.repeat(8000)}`],
  ['a lone surrogate', '{"slug":"\\ud800"}'],
  [
    'many fields',
    JSON.stringify(Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`field${n}`, n]))),
  ],
])('refuses a body of %s', async (_what, body) => {
  const { status, text } = await manager.post('/v1/channels', body)
  expect(status).toBe(400)
  expect(text.length).toBeLessThan(4000)
})

test('refuses a body of another media type', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const { status, body } = await manager.post<ProblemBody>('/v1/channels', 'slug=ok', headers)
  expect([status, body.code]).toEqual([415, 'unsupported_media_type'])
})

test.each([
  'x',
  'e30',
  'WyJjIl0',
  '%00',
  Buffer.from('["c","NOT A SLUG"]').toString('base64url'),
  Buffer.from('["c","ok","more"]').toString('base64url'),
  Buffer.from('["s",1e400,"s_AAAAAAAAAAAAAAAAAAAAAA"]').toString('base64url'),
  Buffer.from('["s",5,"\\u0000"]').toString('base64url'),
  Buffer.from('{"0":"c","1":"ok"}').toString('base64url'),
  'a'.repeat(301),
])('refuses the cursor %s', async (cursor) => {
  for (const list of ['channels', 'sessions']) {
    const { status, body } = await manager.get<ProblemBody>(`/v1/${list}?cursor=${cursor}`)
    expect(status).toBe(400)
    expect(body.field).toBe('cursor')
  }
})

test.each(['limit=0', 'limit=201', 'limit=-1', 'limit=x', 'limit=1&limit=2', 'state=dead', 'other=1'])(
  'refuses the query %s',
  async (query) => {
    expect((await manager.get<ProblemBody>(`/v1/sessions?${query}`)).body.code).toBe('validation_failed')
  },
)

test('stops reading a body that is too large', async () => {
  const huge = await send(
    request('POST /v1/channels HTTP/1.1', ['content-type: application/json', 'content-length: 1000000000']),
  )
  expect(statusOf(huge)).toBe(413)
  const chunk = `2000\r\n${' '.repeat(0x2000)}\r\n`
  const endless = await send(
    request(
      'POST /v1/channels HTTP/1.1',
      ['content-type: application/json', 'transfer-encoding: chunked'],
      chunk.repeat(8),
    ),
  )
  expect(statusOf(endless)).toBe(413)
  expect(endless).toContain('body_too_large')
})

test('checks the token before it reads a body', async () => {
  const response = await send(
    'POST /v1/channels HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n',
    /"code":"unauthorized"/,
  )
  expect(statusOf(response)).toBe(401)
})

test.each([
  ['random bytes', Buffer.from(Array.from({ length: 2000 }, (_, n) => (n * 7919) % 256))],
  ['no HTTP', 'hello\r\n\r\n'],
  ['huge headers', request('GET / HTTP/1.1', [`x: ${'y'.repeat(40_000)}`])],
  ['two lengths', request('POST /v1/channels HTTP/1.1', ['content-length: 5', 'content-length: 6'], 'hello')],
  [
    'a smuggled request',
    request('POST /v1/channels HTTP/1.1', ['content-length: 5', 'transfer-encoding: chunked'], '0\r\n\r\n'),
  ],
  ['TLS', Buffer.from('16030100c8010000c403030000', 'hex')],
])('closes the connection after %s', async (_what, bytes) => {
  const response = await send(bytes)
  expect(response === '' || statusOf(response) >= 400).toBe(true)
})

test('a client of another machine gets 429 beyond its rate, and the operator is still served', async () => {
  // At this rate a client gets hardly any more requests while the test runs, even on a slow machine.
  const slow = await startTestManager(server.url, { NOWCAST_MANAGER_MAX_REQUESTS_PER_ADDRESS: '1' })
  const ask = (url: string, remoteAddress: string) =>
    slow.app.inject({
      method: 'GET',
      url,
      remoteAddress,
      headers: { authorization: `Bearer ${adminToken}` },
    })
  const responses = await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      ask(n % 2 ? '/steering/show' : '/watch/show', `2001:db8::${n.toString(16)}`),
    ),
  )
  const refused = responses.filter(({ statusCode }) => statusCode === 429)
  expect(refused.length).toBeGreaterThan(30)
  expect(refused.map(({ headers }) => headers['retry-after'])).toEqual(refused.map(() => '1'))
  expect((await ask('/v1/channels', '2001:db8::1')).statusCode).toBe(200)
  expect((await ask('/steering/show', '2001:db8:0:1::1')).statusCode).not.toBe(429)
  await slow.close()
})

test('connections beyond the limit are closed, and room is back when others leave', async () => {
  const few = await startTestManager(server.url, { NOWCAST_MANAGER_MAX_CONNECTIONS: '5' })
  const url = `http://127.0.0.1:${await listen(few.app, '127.0.0.1', 0)}`
  const all = await Promise.all(Array.from({ length: 8 }, () => openRaw(url)))
  await waitFor('three to be closed', () => all.filter(({ socket }) => socket.closed).length === 3, {
    everyMs: 5,
  })
  for (const { socket } of all) socket.destroy()
  await waitFor('room', async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.ok)
  await few.close()
})
