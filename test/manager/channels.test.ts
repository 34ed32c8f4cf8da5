import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView, CreatedChannelView, StreamKeyView } from '../../core/api/channel.ts'
import type { ListPage } from '../../core/api/common.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import { hashStreamKey } from '../../core/contracts/ids.ts'
import { createPublishGrants } from '../../core/contracts/publish-grants.ts'
import type { Redis } from '../../core/process/redis.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'

let server: TestRedis
let redis: Redis
let manager: TestManager

beforeAll(async () => {
  server = await startRedis()
  redis = await connectToRedis(server.url)
  manager = await startTestManager(server.url)
})
afterAll(async () => {
  await manager?.close()
  redis?.disconnect()
  await server?.stop()
})

test('a new channel is returned in full, with its key', async () => {
  const { status, headers, body } = await manager.post<CreatedChannelView>('/v1/channels', { slug: 'first' })
  expect(status).toBe(201)
  expect(headers.location).toBe('/v1/channels/first')
  expect(body).toEqual({
    id: expect.stringMatching(/^c_/),
    slug: 'first',
    title: 'first',
    latency: 'low',
    takeover: false,
    graceMs: null,
    priority: 0,
    enabled: true,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    updatedAt: body.createdAt,
    streamKey: expect.stringMatching(/^sk_/),
    ingest: { server: 'rtmp://127.0.0.1:1935/live', key: body.streamKey },
    coach: expect.stringMatching(/^http:\/\/127\.0\.0\.1:8080\/coach\/co_[\w-]{65}$/),
    playback: {
      hls: 'http://127.0.0.1:8088/live/first/index.m3u8',
      watch: 'http://127.0.0.1:8080/watch/first',
      picture: 'http://127.0.0.1:8088/live/first/picture.jpg',
      mode: 'public',
    },
    slate: null,
    live: null,
  })
  const { streamKey, ingest, coach: _, ...rest } = body
  const shown = { ...rest, ingest: { server: ingest.server } }
  expect((await manager.get('/v1/channels/first')).body).toEqual(shown)
  expect(await createPublishGrants(redis).find(hashStreamKey(streamKey))).toEqual({
    channelId: body.id,
    slug: 'first',
    latency: 'low',
    takeover: false,
  })
})

test('only responses about the key contain it', async () => {
  const { streamKey, coach } = await manager.createChannel('quiet')
  const { status, headers, body } = await manager.get('/v1/channels/quiet/stream-key')
  expect(status).toBe(200)
  expect(headers['cache-control']).toBe('no-store')
  const ingest = { server: 'rtmp://127.0.0.1:1935/live', key: streamKey }
  expect(body).toEqual({ streamKey, ingest, coach })
  for (const response of [
    await manager.get('/v1/channels'),
    await manager.get('/v1/channels/quiet'),
    await manager.patch('/v1/channels/quiet', { title: 'Quiet' }),
    await manager.get('/v1/sessions'),
  ]) {
    expect(response.status).toBe(200)
    expect(response.text).not.toMatch(/sk_|co_/)
  }
})

test('creates a new key, and the old one no longer works when the response arrives', async () => {
  const { streamKey } = await manager.createChannel('turned')
  const grants = createPublishGrants(redis)
  const { status, body } = await manager.post<StreamKeyView>('/v1/channels/turned/stream-key')
  expect(status).toBe(200)
  expect(body.streamKey).not.toBe(streamKey)
  expect(await grants.find(hashStreamKey(streamKey))).toBeUndefined()
  expect(await grants.find(hashStreamKey(body.streamKey))).toMatchObject({ slug: 'turned' })
  expect((await manager.get('/v1/channels/turned/stream-key')).body).toEqual(body)
})

test('accepts an empty body as no body', async () => {
  await manager.createChannel('empty-body')
  const { status } = await manager.post('/v1/channels/empty-body/stream-key', '')
  expect(status).toBe(200)
})

test('exactly one key stays valid after simultaneous rotations', async () => {
  await manager.createChannel('busy')
  const responses = await Promise.all(
    Array.from({ length: 8 }, () => manager.post<StreamKeyView>('/v1/channels/busy/stream-key')),
  )
  const valid = (await manager.get<StreamKeyView>('/v1/channels/busy/stream-key')).body.streamKey
  const grants = createPublishGrants(redis)
  for (const { status, body } of responses) {
    expect([200, 409]).toContain(status)
    if (status === 200 && body.streamKey !== valid)
      expect(await grants.find(hashStreamKey(body.streamKey))).toBeUndefined()
  }
  expect(await grants.find(hashStreamKey(valid))).toMatchObject({ slug: 'busy' })
})

test('changes a channel, also for ingests', async () => {
  const { streamKey } = await manager.createChannel('plain')
  const changes = { title: 'Plain & simple', latency: 'ultra', takeover: true, graceMs: 60_000, priority: -3 }
  expect((await manager.patch('/v1/channels/plain', changes)).body).toMatchObject(changes)
  expect(await createPublishGrants(redis).find(hashStreamKey(streamKey))).toMatchObject({
    latency: 'ultra',
    takeover: true,
    graceMs: 60_000,
    priority: -3,
  })
  const defaults = { graceMs: null, priority: 0 }
  expect((await manager.patch('/v1/channels/plain', defaults)).body).toMatchObject(defaults)
  const grant = await createPublishGrants(redis).find(hashStreamKey(streamKey))
  expect(Object.keys(grant ?? {}).sort()).toEqual(['channelId', 'latency', 'slug', 'takeover'])
})

test('a key is refused while its channel is disabled, and accepted afterwards', async () => {
  const { streamKey } = await manager.createChannel('switch')
  const grants = createPublishGrants(redis)
  await manager.patch('/v1/channels/switch', { enabled: false })
  expect(await grants.find(hashStreamKey(streamKey))).toBeUndefined()
  await manager.post('/v1/channels/switch/stream-key')
  const { streamKey: next } = (await manager.get<StreamKeyView>('/v1/channels/switch/stream-key')).body
  expect(await grants.find(hashStreamKey(next))).toBeUndefined()
  await manager.patch('/v1/channels/switch', { enabled: true })
  expect(await grants.find(hashStreamKey(next))).toMatchObject({ slug: 'switch' })
  expect(await grants.find(hashStreamKey(streamKey))).toBeUndefined()
})

test('the key of a deleted channel is refused, and its slug is free', async () => {
  const { streamKey, id } = await manager.createChannel('gone')
  const { status, text } = await manager.delete('/v1/channels/gone')
  expect([status, text]).toEqual([204, ''])
  expect(await createPublishGrants(redis).find(hashStreamKey(streamKey))).toBeUndefined()
  expect((await manager.get('/v1/channels/gone')).status).toBe(404)
  expect((await manager.delete<ProblemBody>('/v1/channels/gone')).body.code).toBe('channel_not_found')
  expect((await manager.createChannel('gone')).id).not.toBe(id)
})

test('lists each channel once over all pages', async () => {
  for (const slug of ['page-1', 'page-2', 'page-3', 'page-4', 'page-5']) await manager.createChannel(slug)
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { body }: { body: ListPage<ChannelView> } = await manager.get(
      `/v1/channels?limit=2${cursor && `&cursor=${cursor}`}`,
    )
    expect(body.items.length).toBeLessThanOrEqual(2)
    seen.push(...body.items.map(({ slug }) => slug))
    cursor = body.nextCursor
  }
  expect(seen).toEqual([...new Set(seen)].toSorted())
  expect(seen.filter((slug) => slug.startsWith('page-'))).toHaveLength(5)
})

test('refuses a slug that is taken', async () => {
  await manager.createChannel('twice')
  const { status, headers, body } = await manager.post<ProblemBody>('/v1/channels', { slug: 'twice' })
  expect(status).toBe(409)
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(body).toEqual({
    type: 'urn:nowcast:problem:slug_taken',
    title: 'Slug already in use',
    status: 409,
    detail: 'A channel with the slug twice already exists',
    code: 'slug_taken',
    instance: '/v1/channels',
    requestId: headers['x-request-id'],
    field: 'slug',
    errors: [{ in: 'body', field: 'slug', message: 'is taken' }],
  })
})

test.each([
  ['POST', {}, 'slug'],
  ['POST', { slug: 'Upper' }, 'slug'],
  ['POST', { slug: '-dash' }, 'slug'],
  ['POST', { slug: 'x'.repeat(64) }, 'slug'],
  ['POST', { slug: 7 }, 'slug'],
  ['POST', { slug: 'ok', latency: 'lower' }, 'latency'],
  ['POST', { slug: 'ok', title: 'two\nlines' }, 'title'],
  ['POST', { slug: 'ok', title: 'nul\u0000' }, 'title'],
  ['POST', { slug: 'ok', title: 'x'.repeat(201) }, 'title'],
  ['POST', { slug: 'ok', takeover: 'yes' }, 'takeover'],
  ['POST', { slug: 'ok', graceMs: 300_001 }, 'graceMs'],
  ['POST', { slug: 'ok', priority: 101 }, 'priority'],
  ['POST', { slug: 'ok', streamKey: 'sk_mine' }, 'streamKey'],
  ['PATCH', { slug: 'renamed' }, 'slug'],
  ['PATCH', { enabled: null }, 'enabled'],
  ['PATCH', {}, 'body'],
  ['POST', [], 'body'],
])('a validation error names the field: %s %j', async (method, body, field) => {
  const url = method === 'POST' ? '/v1/channels' : '/v1/channels/first'
  const response = await manager.call(method, url, body)
  expect(response.status).toBe(400)
  expect(response.body).toMatchObject({ code: 'validation_failed', field })
})
