import { afterAll, beforeAll, expect, it } from 'vitest'
import { createPublishGrants } from '../../core/contracts/publish-grants.ts'
import type { Redis } from '../../core/process/redis.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { build, connect, type Fixture } from './fixture.ts'

let server: TestRedis
let redis: Redis
let manager: Fixture

beforeAll(async () => {
  server = await startRedis()
  redis = await connect(server.url)
  manager = await build(server.url)
})
afterAll(async () => {
  await manager?.close()
  redis?.disconnect()
  await server?.stop()
})

/** Makes a channel; gives what the API answered. */
const make = async (slug: string, more = {}) =>
  (await manager.call('POST', '/v1/channels', { slug, ...more })).body

it('answers a new channel whole, with its key', async () => {
  const { status, headers, body } = await manager.call('POST', '/v1/channels', { slug: 'first' })
  expect(status).toBe(201)
  expect(headers.location).toBe('/v1/channels/first')
  expect(body).toEqual({
    id: expect.stringMatching(/^c_/),
    slug: 'first',
    title: 'first',
    latency: 'low',
    takeover: false,
    enabled: true,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    updatedAt: body.createdAt,
    streamKey: expect.stringMatching(/^sk_/),
    ingest: { server: 'rtmp://127.0.0.1:1935/live', key: body.streamKey },
    playback: {
      hls: 'http://127.0.0.1:8088/live/first/index.m3u8',
      watch: 'http://127.0.0.1:8080/watch/first',
      mode: 'public',
    },
    live: null,
  })
  const { streamKey, ingest, ...rest } = body
  const shown = { ...rest, ingest: { server: ingest.server } }
  expect((await manager.call('GET', '/v1/channels/first')).body).toEqual(shown)
  expect(await createPublishGrants(redis).lookUp(streamKey)).toEqual({
    channelId: body.id,
    slug: 'first',
    latency: 'low',
    takeover: false,
  })
})

it('shows a key in the answers about the key and in no other', async () => {
  const { streamKey } = await make('quiet')
  const { status, headers, body } = await manager.call('GET', '/v1/channels/quiet/stream-key')
  expect(status).toBe(200)
  expect(headers['cache-control']).toBe('no-store')
  expect(body).toEqual({ streamKey, ingest: { server: 'rtmp://127.0.0.1:1935/live', key: streamKey } })
  for (const answer of [
    await manager.call('GET', '/v1/channels'),
    await manager.call('GET', '/v1/channels/quiet'),
    await manager.call('PATCH', '/v1/channels/quiet', { title: 'Quiet' }),
    await manager.call('GET', '/v1/sessions'),
  ]) {
    expect(answer.status).toBe(200)
    expect(answer.text).not.toContain('sk_')
  }
})

it('gives a new key, and the old one stops working with the answer', async () => {
  const { streamKey } = await make('turned')
  const mirror = createPublishGrants(redis)
  const { status, body } = await manager.call('POST', '/v1/channels/turned/stream-key')
  expect(status).toBe(200)
  expect(body.streamKey).not.toBe(streamKey)
  expect(await mirror.lookUp(streamKey)).toBeUndefined()
  expect(await mirror.lookUp(body.streamKey)).toMatchObject({ slug: 'turned' })
  expect((await manager.call('GET', '/v1/channels/turned/stream-key')).body).toEqual(body)
})

it('takes an empty body for none', async () => {
  await make('empty-body')
  const { status } = await manager.call('POST', '/v1/channels/empty-body/stream-key', '')
  expect(status).toBe(200)
})

it('leaves one key valid however many are asked for at once', async () => {
  await make('busy')
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => manager.call('POST', '/v1/channels/busy/stream-key')),
  )
  const valid = (await manager.call('GET', '/v1/channels/busy/stream-key')).body.streamKey
  const mirror = createPublishGrants(redis)
  for (const { status, body } of answers) {
    expect([200, 409]).toContain(status)
    if (status === 200 && body.streamKey !== valid)
      expect(await mirror.lookUp(body.streamKey)).toBeUndefined()
  }
  expect(await mirror.lookUp(valid)).toMatchObject({ slug: 'busy' })
})

it('changes what may change, and tells ingests', async () => {
  const { streamKey } = await make('plain')
  const changes = { title: 'Plain & simple', latency: 'ultra', takeover: true }
  expect((await manager.call('PATCH', '/v1/channels/plain', changes)).body).toMatchObject(changes)
  expect(await createPublishGrants(redis).lookUp(streamKey)).toMatchObject({
    latency: 'ultra',
    takeover: true,
  })
})

it('disables and enables: the same key, refused and accepted', async () => {
  const { streamKey } = await make('switch')
  const mirror = createPublishGrants(redis)
  await manager.call('PATCH', '/v1/channels/switch', { enabled: false })
  expect(await mirror.lookUp(streamKey)).toBeUndefined()
  await manager.call('POST', '/v1/channels/switch/stream-key')
  const { streamKey: next } = (await manager.call('GET', '/v1/channels/switch/stream-key')).body
  expect(await mirror.lookUp(next)).toBeUndefined()
  await manager.call('PATCH', '/v1/channels/switch', { enabled: true })
  expect(await mirror.lookUp(next)).toMatchObject({ slug: 'switch' })
  expect(await mirror.lookUp(streamKey)).toBeUndefined()
})

it('deletes: the key is refused, the slug is free', async () => {
  const { streamKey, id } = await make('gone')
  const { status, text } = await manager.call('DELETE', '/v1/channels/gone')
  expect([status, text]).toEqual([204, ''])
  expect(await createPublishGrants(redis).lookUp(streamKey)).toBeUndefined()
  expect((await manager.call('GET', '/v1/channels/gone')).status).toBe(404)
  expect((await manager.call('DELETE', '/v1/channels/gone')).body.code).toBe('channel_not_found')
  expect((await make('gone')).id).not.toBe(id)
})

it('pages, each channel once', async () => {
  for (const slug of ['page-1', 'page-2', 'page-3', 'page-4', 'page-5']) await make(slug)
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { body } = await manager.call('GET', `/v1/channels?limit=2${cursor && `&cursor=${cursor}`}`)
    expect(body.items.length).toBeLessThanOrEqual(2)
    seen.push(...body.items.map(({ slug }: { slug: string }) => slug))
    cursor = body.nextCursor
  }
  expect(seen).toEqual([...new Set(seen)].toSorted())
  expect(seen.filter((slug) => slug.startsWith('page-'))).toHaveLength(5)
})

it('refuses a slug twice', async () => {
  await make('twice')
  const { status, headers, body } = await manager.call('POST', '/v1/channels', { slug: 'twice' })
  expect(status).toBe(409)
  expect(headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(body).toEqual({
    type: 'urn:nowcast:problem:slug_taken',
    title: 'Another channel has this slug',
    status: 409,
    detail: 'There is a channel twice already',
    code: 'slug_taken',
    field: 'slug',
    errors: [{ in: 'body', field: 'slug', message: 'is taken' }],
  })
})

it.each([
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
  ['POST', { slug: 'ok', streamKey: 'sk_mine' }, 'streamKey'],
  ['PATCH', { slug: 'renamed' }, 'slug'],
  ['PATCH', { enabled: null }, 'enabled'],
  ['PATCH', {}, 'body'],
  ['POST', [], 'body'],
])('names the field that is wrong: %s %j', async (method, body, field) => {
  const url = method === 'POST' ? '/v1/channels' : '/v1/channels/first'
  const answer = await manager.call(method, url, body)
  expect(answer.status).toBe(400)
  expect(answer.body).toMatchObject({ code: 'validation_failed', field })
})
