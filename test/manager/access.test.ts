import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { adminToken, build, type Fixture } from './fixture.ts'

let server: TestRedis
let manager: Fixture

beforeAll(async () => {
  server = await startRedis()
  manager = await build(server.url)
  await manager.call('POST', '/v1/channels', { slug: 'first' })
})
afterAll(async () => {
  await manager?.close()
  await server?.stop()
})

describe('the admin token', () => {
  it.each([
    ['GET', '/v1/channels'],
    ['POST', '/v1/channels'],
    ['GET', '/v1/channels/first/stream-key'],
    ['POST', '/v1/channels/first/stream-key'],
    ['PATCH', '/v1/channels/first'],
    ['DELETE', '/v1/channels/first'],
    ['GET', '/v1/sessions'],
    ['POST', '/v1/sessions/s_AAAAAAAAAAAAAAAAAAAAAA/stop'],
  ])('is asked for by %s %s', async (method, url) => {
    for (const authorization of ['', 'Bearer', `Basic ${adminToken}`, `Bearer ${adminToken}x`]) {
      const { status, headers, body } = await manager.call(method, url, undefined, { authorization })
      expect([401, 429]).toContain(status)
      expect(headers['www-authenticate']).toBe('Bearer realm="nowcast"')
      expect(['unauthorized', 'too_many_attempts']).toContain(body.code)
    }
  })

  it('cannot be guessed quickly, and its holder is not locked out', async () => {
    let last = await manager.call('GET', '/v1/channels', undefined, { authorization: 'Bearer guess' })
    for (let guess = 0; guess < 12; guess += 1)
      last = await manager.call('GET', '/v1/channels', undefined, { authorization: `Bearer guess-${guess}` })
    expect(last.status).toBe(429)
    expect(last.body.code).toBe('too_many_attempts')
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0)
    expect((await manager.call('GET', '/v1/channels')).status).toBe(200)
  })
})

describe('the document', () => {
  it('describes every call of the API, open to all', async () => {
    const { status, body } = await manager.call('GET', '/openapi.json', undefined, { authorization: '' })
    expect(status).toBe(200)
    expect(body.openapi).toMatch(/^3\./)
    const calls = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(calls.toSorted()).toEqual([
      'DELETE /v1/channels/{slug}',
      'DELETE /v1/channels/{slug}/playback-tokens',
      'DELETE /v1/channels/{slug}/playback-tokens/{id}',
      'GET /steering/{slug}',
      'GET /v1/channels',
      'GET /v1/channels/{slug}',
      'GET /v1/channels/{slug}/stream-key',
      'GET /v1/sessions',
      'GET /v1/sessions/{id}',
      'PATCH /v1/channels/{slug}',
      'POST /v1/channels',
      'POST /v1/channels/{slug}/playback-tokens',
      'POST /v1/channels/{slug}/stream-key',
      'POST /v1/sessions/{id}/stop',
    ])
    const failure = body.paths['/v1/channels']?.post?.responses['409']?.content
    expect(Object.keys(failure ?? {})).toEqual(['application/problem+json'])
    const docs = await manager.call('GET', '/docs/')
    expect(docs.status).toBe(200)
    expect(docs.text).toContain('swagger-ui')
  })
})

it('answers health and metrics to all', async () => {
  const health = await manager.call('GET', '/healthz', undefined, { authorization: '' })
  expect([health.status, health.text]).toEqual([200, 'ok\n'])
  const metrics = await manager.call('GET', '/metrics', undefined, { authorization: '' })
  expect(metrics.text).toMatch(/^nowcast_sessions_live\{role="manager"\} 0$/m)
  expect(metrics.text).toContain('route="/v1/channels/:slug"')
})

it('is ready when each other role is there', async () => {
  const before = await manager.call('GET', '/readyz')
  expect([before.status, before.text]).toEqual([503, 'not there yet: ingest, transcoder, edge\n'])
})
