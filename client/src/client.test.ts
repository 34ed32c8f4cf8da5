import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createClient } from './client.ts'
import { ProblemError } from './problem-error.ts'

interface Sent {
  url: string
  method: string
  headers: Headers
  body: unknown
}

type Outcome = Response | Error

/** Returns a client whose requests get the given outcomes, one after the other. */
function createScripted(outcomes: Outcome[], options = {}) {
  const sent: Sent[] = []
  const waits: number[] = []
  const request = async (url: string | URL | Request, { method = '', headers, body }: RequestInit = {}) => {
    sent.push({ url: String(url), method, headers: new Headers(headers), body })
    const outcome = outcomes.shift()
    if (outcome instanceof Response) return outcome
    throw outcome
  }
  const wait = async (ms: number) => void waits.push(ms)
  const client = createClient({
    url: 'http://tv.example/below/',
    token: 't',
    fetch: request,
    wait,
    ...options,
  })
  return { client, sent, waits }
}

const ok = (body: unknown, headers = {}) => Response.json(body, { headers })
const refusal = (status: number, code: string, headers = {}) =>
  Response.json(
    { code, detail: 'because', errors: [] },
    {
      status,
      headers: {
        'content-type': 'application/problem+json; charset=utf-8',
        'x-request-id': 'r1',
        ...headers,
      },
    },
  )

test('a call has its parameters, its token and its body', async () => {
  const { client, sent } = createScripted([ok({ id: 'c' }, { etag: '"1.x"', 'x-request-id': 'r' })])
  const answer = await client.send('PATCH /v1/channels/{slug}', {
    path: { slug: 'a/b' },
    body: { title: 'A' },
    ifMatch: '"1.w"',
    requestId: 'mine',
  })
  expect(answer).toEqual({ status: 200, body: { id: 'c' }, etag: '"1.x"', requestId: 'r', isReplayed: false })
  const [{ url, method, headers, body }] = sent as [Sent]
  expect([method, url, body]).toEqual(['PATCH', 'http://tv.example/below/v1/channels/a%2Fb', '{"title":"A"}'])
  expect(Object.fromEntries(headers)).toEqual({
    authorization: 'Bearer t',
    'content-type': 'application/json',
    'if-match': '"1.w"',
    'x-request-id': 'mine',
  })
})

test('a file is sent with its type, and received as one', async () => {
  const { client, sent } = createScripted([
    ok({}),
    new Response('x', { headers: { 'content-type': 'image/png' } }),
  ])
  const file = new Blob(['x'], { type: 'image/png' })
  await client.call('PUT /v1/channels/{slug}/slate', { path: { slug: 'a' }, body: file })
  expect([sent[0]?.body, sent[0]?.headers.get('content-type')]).toEqual([file, 'image/png'])
  const received = await client.call('GET /v1/channels/{slug}/slate', { path: { slug: 'a' } })
  expect(await received.text()).toBe('x')
})

test('a POST is sent again with the same key until it succeeds', async () => {
  const { client, sent, waits } = createScripted([
    new TypeError('connection lost'),
    refusal(409, 'idempotency_key_in_use', { 'retry-after': '1' }),
    refusal(503, 'redis_unavailable'),
    ok({ id: 'c' }, { 'idempotent-replayed': 'true' }),
  ])
  const answer = await client.send('POST /v1/channels', { body: { slug: 'a' } })
  expect([answer.isReplayed, sent.length]).toEqual([true, 4])
  const keys = new Set(sent.map(({ headers }) => headers.get('idempotency-key')))
  expect([...keys]).toEqual([expect.stringMatching(/^[\da-f]{32}$/)])
  expect(waits[1]).toBe(1000)
  expect(waits[0]).toBeGreaterThanOrEqual(150)
  expect(waits[0]).toBeLessThanOrEqual(300)
})

test('a call that may have been carried out, and has no key, is not sent again', async () => {
  for (const send of [
    ({ client }: ReturnType<typeof createScripted>) =>
      client.call('POST /v1/channels', { body: { slug: 'a' }, idempotencyKey: false }),
    ({ client }: ReturnType<typeof createScripted>) =>
      client.call('PATCH /v1/channels/{slug}', { path: { slug: 'a' }, body: { title: 'A' } }),
  ]) {
    const scripted = createScripted([new TypeError('connection lost')])
    await expect(send(scripted)).rejects.toThrow('connection lost')
    expect(scripted.sent).toHaveLength(1)
  }
})

test('a refusal is an error with its code, and is not sent again', async () => {
  const { client, sent } = createScripted([
    refusal(404, 'channel_not_found'),
    new Response('Bad', { status: 502 }),
  ])
  const failure = await client
    .call('GET /v1/channels/{slug}', { path: { slug: 'a' } })
    .catch((error) => error)
  expect(failure).toBeInstanceOf(ProblemError)
  expect(failure).toMatchObject({
    status: 404,
    code: 'channel_not_found',
    message: 'because',
    requestId: 'r1',
  })
  await expect(client.call('GET /v1/channels')).rejects.toMatchObject({ status: 502, code: 'unknown' })
  expect(sent).toHaveLength(2)
})

test('attempts and waits are bounded', async () => {
  const limited = () => refusal(429, 'too_many_requests', { 'retry-after': '2' })
  const few = createScripted([limited(), limited(), limited()], { attempts: 3 })
  await expect(few.client.call('GET /v1/channels')).rejects.toMatchObject({
    status: 429,
    retryAfterSeconds: 2,
  })
  expect([few.sent.length, few.waits]).toEqual([3, [2000, 2000]])
  const long = createScripted([limited()], { maxWaitMs: 1999 })
  await expect(long.client.call('GET /v1/channels')).rejects.toMatchObject({ status: 429 })
  const dated = refusal(503, 'x', { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() })
  const later = createScripted([dated])
  await expect(later.client.call('GET /v1/channels')).rejects.toMatchObject({ status: 503 })
  expect(later.waits).toEqual([])
})

test('an aborted call ends while it waits for the next attempt', async () => {
  const controller = new AbortController()
  const { client, sent } = createScripted([refusal(429, 'too_many_requests', { 'retry-after': '20' })], {
    wait: undefined,
  })
  const call = client.call('GET /v1/channels', { signal: controller.signal })
  setImmediate(() => controller.abort())
  await expect(call).rejects.toMatchObject({ status: 429 })
  expect(sent).toHaveLength(1)
})

test('a list is read page by page', async () => {
  const { client, sent } = createScripted([
    ok({ items: [{ slug: 'a' }, { slug: 'b' }], nextCursor: 'c.b' }),
    ok({ items: [{ slug: 'c' }], nextCursor: null }),
  ])
  const slugs: string[] = []
  for await (const { slug } of client.items('GET /v1/channels', { query: { limit: 2 } })) slugs.push(slug)
  expect(slugs).toEqual(['a', 'b', 'c'])
  expect(sent.map(({ url }) => url.split('?')[1])).toEqual(['limit=2', 'limit=2&cursor=c.b'])
})

test('the client has no dependencies', () => {
  const names = readdirSync(import.meta.dirname).filter((name) => !name.endsWith('.test.ts'))
  for (const name of names) {
    const text = readFileSync(join(import.meta.dirname, name), 'utf8')
    for (const [, module] of text.matchAll(/\bfrom '([^']+)'/g)) expect(module).toMatch(/^\.\//)
  }
})
