import { isIP } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addressPattern, type TokenView } from '../../core/api/playback-token.ts'
import { type ProblemBody, problemMediaType } from '../../core/api/problem.ts'
import { adminToken, startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'

interface Operation {
  responses: Record<string, object>
  requestBody?: { required: boolean }
}

let server: TestRedis
let manager: TestManager
/** The operations of the OpenAPI document by path and lower-case method. */
let paths: Record<string, Record<string, Operation>>

beforeAll(async () => {
  server = await startRedis()
  manager = await startTestManager(server.url)
  await manager.createChannel('show')
  paths = (await manager.get<{ paths: typeof paths }>('/openapi.json')).body.paths
})
afterAll(async () => {
  const logged = manager?.logged() ?? ''
  await manager?.close()
  await server?.stop()
  expect(logged).not.toContain('"level":"error"')
})

const json = { 'content-type': 'application/json' }
const ids: Record<string, string> = {
  '/v1/sessions': 's_AAAAAAAAAAAAAAAAAAAAAA',
  '/v1/channels': 'pt_zzzzzz_AAAAAAAAAAA',
  '/v1/accounts': 'a_AAAAAAAAAAAAAAAAAAAAAA',
  '/v1/tokens': 'at_AAAAAAAAAAAAAAAAAAAAAA',
  '/v1/invitations': 'l_AAAAAAAAAAAAAAAAAAAAAA',
  '/v1/me': 'si_AAAAAAAAAAAAAAAAAAAAAA',
  '/v1/webhooks': 'wh_AAAAAAAAAAAAAAAAAAAAAA',
}

/** Returns a path of the document with valid parameters, or with `value` in place of each. */
function urlOf(path: string, value?: string): string {
  const isRole = path.includes('/roles/')
  const id = ids[isRole ? '/v1/accounts' : path.split('/').slice(0, 3).join('/')] ?? ''
  const url = path
    .replace('{slug}', value ?? 'show')
    .replace('{id}', value ?? id)
    .replace('{deliveryId}', value ?? 'dlv_AAAAAAAAAAAAAAAAAAAAAA')
  // A valid response of this path is endless.
  return path.endsWith('/stream') ? `${url}?after=e.999999999` : url
}

test('methods that a path does not have get 405 with those that it has', async () => {
  for (const [path, operations] of Object.entries(paths)) {
    const declared = Object.keys(operations).map((method) => method.toUpperCase())
    const expected = [...declared, ...(declared.includes('GET') ? ['HEAD'] : [])].toSorted()
    for (const method of ['GET', 'PUT', 'PATCH', 'POST', 'DELETE', 'TRACE', 'QUERY', 'PROPFIND']) {
      if (declared.includes(method)) continue
      const { status, headers, body } = await manager.call<ProblemBody>(method, urlOf(path), '{}', json)
      expect([method, path, status, body.code]).toEqual([method, path, 405, 'method_not_allowed'])
      expect(headers.allow).toBe([...expected, 'OPTIONS'].join(', '))
    }
    const options = await manager.call('OPTIONS', urlOf(path))
    expect([options.status, options.headers.allow]).toEqual([204, [...expected, 'OPTIONS'].join(', ')])
  }
  for (const path of ['/watch/show', '/metrics', '/openapi.json'])
    expect((await manager.call('DELETE', path)).status).toBe(405)
  for (const path of ['/v1', '/v1/channels/', '/v2/channels', '/v1/channels/show/more'])
    expect((await manager.call('PUT', path)).status).toBe(404)
})

test('every error is a problem with a status that the document has', async () => {
  const requests: [string, Parameters<TestManager['call']>[2], Record<string, string>, string?][] = [
    ['no token', undefined, { authorization: '' }],
    ['a wrong token', undefined, { authorization: 'Bearer wrong' }],
    ['broken JSON', '{"', json],
    ['another media type', '<x/>', { 'content-type': 'application/xml' }],
    ['text', 'x', { 'content-type': 'text/plain' }],
    ['a form', 'x', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['an array', '[]', json],
    ['a huge body', `{"slug":"${'x'.repeat(20_000)}"}`, json],
    ['a path that is not UTF-8', undefined, {}, '%C2%84'],
    ['NUL in the path', undefined, {}, '%00'],
    ['a broken escape', undefined, {}, '%zz'],
    ['a long parameter', undefined, {}, 'a'.repeat(5000)],
    ['an unknown name', undefined, {}, 'unknown'],
  ]
  for (const [path, operations] of Object.entries(paths))
    for (const [method, { responses }] of Object.entries(operations))
      for (const [what, body, headers, value] of requests) {
        if (method === 'get' && body !== undefined) continue
        const url = urlOf(path, value)
        const { status, headers: got } = await manager.call(method.toUpperCase(), url, body, headers)
        expect([what, method, path, String(status)]).toEqual([
          what,
          method,
          path,
          Object.keys(responses).find((documented) => documented === String(status)),
        ])
        if (status >= 400) expect(got['content-type']).toBe(problemMediaType)
      }
  await manager.createChannel('show')
})

test.each([
  ['a body of another media type', 415, 'text/plain', '{"slug":"x"}'],
  ['JSON of a derived type', 415, 'application/merge-patch+json', '{"slug":"x"}'],
  ['a body that is too large', 413, 'application/json', ' '.repeat(20_000)],
  ['broken JSON', 400, 'application/json', '{"slug":}'],
])('%s is refused as %i', async (_what, expected, type, body) => {
  expect((await manager.post('/v1/channels', body, { 'content-type': type })).status).toBe(expected)
})

test('bytes that are no UTF-8 are refused', async () => {
  const body = Buffer.from('{"slug":"raw","title":"\xff"}', 'latin1')
  const { statusCode } = await manager.app.inject({
    method: 'POST',
    url: '/v1/channels',
    headers: { ...json, authorization: `Bearer ${adminToken}` },
    payload: body,
  })
  expect(statusCode).toBe(400)
})

test.each([
  'true',
  'false',
  '',
  '%205',
  '1.0',
  '1e1',
  '0x10',
  '05',
  '+5',
  'null',
  '5n',
  '[5]',
  '99999999999999999999',
])('limit=%s is no number of items', async (limit) => {
  for (const list of ['channels', 'sessions']) {
    const { status, body } = await manager.get<ProblemBody>(`/v1/${list}?limit=${limit}`)
    expect([status, body.field]).toEqual([400, 'limit'])
  }
})

test('every cursor that the document permits is a place in the list', async () => {
  for (const cursor of ['c.a', 'c.zz-9', `c.${'a'.repeat(63)}`])
    expect((await manager.get(`/v1/channels?cursor=${cursor}`)).status).toBe(200)
  for (const time of ['0', '007', '999999999999999'])
    expect((await manager.get(`/v1/sessions?cursor=s.${time}.s_AAAAAAAAAAAAAAAAAAAAAA`)).status).toBe(200)
})

const tokens = '/v1/channels/show/playback-tokens'

test('a body whose fields are all optional is optional, and null is no body', async () => {
  expect(paths['/v1/channels/{slug}/playback-tokens']?.post?.requestBody?.required).toBe(false)
  expect(paths['/v1/channels/{slug}']?.patch?.requestBody?.required).toBe(true)
  expect((await manager.post(tokens)).status).toBe(201)
  expect((await manager.post(tokens, 'null')).status).toBe(400)
})

test.each([
  ['192.0.2.7', '192.0.2.0/24', '2001:db8::1', '2001:db8::/32', '::', '::1/128', '1::', '::ffff:192.0.2.7'],
  ['', '192.0.2', '256.0.2.7', '192.0.2.7/33', '192.0.2.7/', '1:2', '::1/129', ':::', 'fe80::1%eth0', 'x'],
])('the pattern of addresses is that of the system: %s …', async (...addresses) => {
  const pattern = new RegExp(addressPattern, 'u')
  for (const address of addresses) {
    const [ip = '', prefix] = address.split('/')
    const isValid =
      isIP(ip) !== 0 &&
      !ip.includes('%') &&
      (prefix === undefined || Number(prefix || 999) <= (isIP(ip) === 4 ? 32 : 128))
    expect([address, pattern.test(address)]).toEqual([address, isValid])
    const { status, body } = await manager.post<TokenView & ProblemBody>(tokens, { address })
    expect([address, status, body.errors?.[0]?.message]).toEqual(
      isValid ? [address, 201, undefined] : [address, 400, 'is neither an IP address nor a subnet'],
    )
  }
})

test.each([
  'http://[',
  'https://]',
  'http://',
  'http://a:0',
  'http://a:65536',
  'http://a/',
  'HTTP://a',
  'ftp://a',
])('a token cannot be for the page %s', async (origin) =>
  expect((await manager.post(tokens, { origins: [origin] })).status).toBe(400),
)

test('tokens are revoked at any time of RFC 3339', async () => {
  for (const [time, revoked] of [
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2017-06-01t10:00:00.5+02:00', '2017-06-01T08:00:00.500Z'],
  ]) {
    const url = `${tokens}?issuedBefore=${encodeURIComponent(`${time}`)}`
    const { status, body } = await manager.delete<{ revokedUntil: string }>(url)
    expect([status, body.revokedUntil]).toEqual([200, revoked])
  }
  for (const time of ['2017-06-01T10:00:00Z[Europe/Paris]', '2017-13-01T10:00:00Z', '2017-06-01', 'now'])
    expect((await manager.delete(`${tokens}?issuedBefore=${encodeURIComponent(time)}`)).status).toBe(400)
})

test('the right token ends the count of wrong ones', async () => {
  const wrong = (token: string) => manager.get('/v1/channels', { authorization: `Bearer ${token}` })
  for (let guess = 0; guess < 12; guess += 1) await wrong(`guess-${guess}`)
  expect((await wrong('guess')).status).toBe(429)
  expect((await manager.get('/v1/channels')).status).toBe(200)
  expect((await wrong('guess')).status).toBe(401)
})
