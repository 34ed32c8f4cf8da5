import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ProblemBody } from '../../core/api/problem.ts'
import { adminToken, startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'

interface Operation {
  requestBody?: { content: object }
  responses: Record<string, { content: object }>
}

interface OpenApiDocument {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}

let server: TestRedis
let manager: TestManager

beforeAll(async () => {
  server = await startRedis()
  manager = await startTestManager(server.url)
  await manager.createChannel('first')
})
afterAll(async () => {
  await manager?.close()
  await server?.stop()
})

describe('the admin token', () => {
  test.each([
    ['GET', '/v1/channels'],
    ['POST', '/v1/channels'],
    ['GET', '/v1/channels/first/stream-key'],
    ['POST', '/v1/channels/first/stream-key'],
    ['PATCH', '/v1/channels/first'],
    ['DELETE', '/v1/channels/first'],
    ['GET', '/v1/channels/first/slate'],
    ['PUT', '/v1/channels/first/slate'],
    ['DELETE', '/v1/channels/first/slate'],
    ['GET', '/v1/sessions'],
    ['POST', '/v1/sessions/s_AAAAAAAAAAAAAAAAAAAAAA/stop'],
  ])('is required by %s %s', async (method, url) => {
    for (const authorization of ['', 'Bearer', `Basic ${adminToken}`, `Bearer ${adminToken}x`]) {
      const { status, headers, body } = await manager.call<ProblemBody>(method, url, undefined, {
        authorization,
      })
      expect([401, 429]).toContain(status)
      expect(headers['www-authenticate']).toBe('Bearer realm="nowcast"')
      expect(['unauthorized', 'too_many_attempts']).toContain(body.code)
    }
  })

  test('cannot be guessed quickly, and the operator is not locked out', async () => {
    let last = await manager.get<ProblemBody>('/v1/channels', { authorization: 'Bearer guess' })
    for (let guess = 0; guess < 10; guess += 1)
      last = await manager.get<ProblemBody>('/v1/channels', { authorization: `Bearer guess-${guess}` })
    expect(last.status).toBe(429)
    expect(last.body.code).toBe('too_many_attempts')
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0)
    expect((await manager.get('/v1/channels')).status).toBe(200)
  })
})

describe('the OpenAPI document', () => {
  test('describes every route of the API and needs no token', async () => {
    const { status, body } = await manager.get<OpenApiDocument>('/openapi.json', { authorization: '' })
    expect(status).toBe(200)
    expect(body.openapi).toMatch(/^3\./)
    const calls = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(calls).toContain('PUT /v1/channels/{slug}/slate')
    const failure = body.paths['/v1/channels']?.post?.responses['409']?.content
    expect(Object.keys(failure ?? {})).toEqual(['application/problem+json'])
    const slate = body.paths['/v1/channels/{slug}/slate']
    const types = ['image/png', 'image/jpeg', 'video/mp4', 'video/webm']
    expect(Object.keys(slate?.put?.requestBody?.content ?? {})).toEqual(types)
    expect(Object.keys(slate?.get?.responses['200']?.content ?? {})).toEqual(types)
    const docs = await manager.get('/docs/')
    expect(docs.status).toBe(200)
    expect(docs.text).toContain('swagger-ui')
  })
})

test('health and metrics need no token', async () => {
  const health = await manager.get('/healthz', { authorization: '' })
  expect([health.status, health.text]).toEqual([200, 'ok\n'])
  const metrics = await manager.get('/metrics', { authorization: '' })
  expect(metrics.text).toMatch(/^nowcast_sessions_live\{role="manager"\} 0$/m)
  expect(metrics.text).toContain('route="/v1/channels/:slug"')
})

test('is not ready without the other roles', async () => {
  const before = await manager.get('/readyz')
  expect([before.status, before.text]).toEqual([503, 'not running yet: ingest, transcoder, edge\n'])
})
