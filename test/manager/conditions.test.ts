import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView } from '../../core/api/channel.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import { samplePng } from '../kit/manager/sample-slates.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'

let server: TestRedis
let manager: TestManager

beforeAll(async () => {
  server = await startRedis()
  manager = await startTestManager(server.url)
})
afterAll(async () => {
  await manager?.close()
  await server?.stop()
})

const etagOf = async (url: string) => String((await manager.get(url)).headers.etag)
const change = (slug: string, title: string, ifMatch: string) =>
  manager.call<ChannelView & ProblemBody>('PATCH', `/v1/channels/${slug}`, { title }, { 'if-match': ifMatch })

test('one of several changes of the same version succeeds, and the others learn of it', async () => {
  await manager.createChannel('raced')
  const etag = await etagOf('/v1/channels/raced')
  const titles = ['one', 'two', 'three', 'four', 'five', 'six']
  const responses = await Promise.all(titles.map((title) => change('raced', title, etag)))
  const [changed, ...more] = responses.filter(({ status }) => status === 200)
  expect(more).toEqual([])
  for (const { status, body } of responses.filter((each) => each !== changed))
    expect([status, body.code]).toEqual([412, 'precondition_failed'])
  expect((await manager.get<ChannelView>('/v1/channels/raced')).body.title).toBe(changed?.body.title)
  expect((await change('raced', 'again', `${changed?.headers.etag}`)).status).toBe(200)
  expect((await change('raced', 'any', '*')).status).toBe(200)
  expect((await change('none', 'any', etag)).body.code).toBe('channel_not_found')
})

test('a channel is deleted only in the version that the client has read', async () => {
  await manager.createChannel('kept')
  const remove = (ifMatch: string) =>
    manager.call('DELETE', '/v1/channels/kept', undefined, { 'if-match': ifMatch })
  const etag = await etagOf('/v1/channels/kept')
  await manager.post('/v1/channels/kept/stream-key')
  expect((await remove(etag)).status).toBe(412)
  expect((await remove(await etagOf('/v1/channels/kept'))).status).toBe(204)
})

test('a slate is removed only if it is the one that the client has read', async () => {
  await manager.createChannel('slated')
  const path = '/v1/channels/slated/slate'
  const type = { 'content-type': 'image/png' }
  const { headers, body } = await manager.call<ChannelView>('PUT', path, samplePng(), type)
  expect(headers.etag).toBe(await etagOf('/v1/channels/slated'))
  const etag = await etagOf(path)
  expect(etag).toBe(`"${body.slate?.sha256}"`)
  expect((await manager.get(path, { 'if-none-match': etag })).status).toBe(304)
  const remove = (ifMatch: string) => manager.call('DELETE', path, undefined, { 'if-match': ifMatch })
  expect((await remove('"other"')).status).toBe(412)
  expect((await remove(etag)).status).toBe(204)
})

test('lists have a tag, and what a client has is not sent again', async () => {
  for (const url of ['/v1/channels', '/v1/sessions']) {
    const etag = await etagOf(url)
    const { status, text } = await manager.get(url, { 'if-none-match': etag })
    expect([status, text]).toEqual([304, ''])
  }
  const etag = await etagOf('/v1/channels')
  await manager.createChannel('added')
  expect((await manager.get('/v1/channels', { 'if-none-match': etag })).status).toBe(200)
})

test('following the links of pages reads a whole list', async () => {
  for (const slug of ['page-1', 'page-2', 'page-3']) await manager.createChannel(slug)
  const seen: string[] = []
  let url: string | undefined = '/v1/channels?limit=2'
  while (url !== undefined) {
    const { headers, body }: { headers: Record<string, unknown>; body: { items: ChannelView[] } } =
      await manager.get(url)
    seen.push(...body.items.map(({ slug }) => slug))
    const [, target]: string[] = /^<(.+)>; rel="next"$/.exec(String(headers.link)) ?? []
    url = target && new URL(target, `http://manager.example${url}`).href.replace('http://manager.example', '')
  }
  expect(seen.filter((slug) => slug.startsWith('page-'))).toEqual(['page-1', 'page-2', 'page-3'])
  expect(new Set(seen).size).toBe(seen.length)
})

test('each response has the limit of requests', async () => {
  const few = await startTestManager(server.url, { NOWCAST_MANAGER_MAX_API_REQUESTS: '2' })
  const responses = [await few.get('/v1/channels'), await few.get('/v1/x'), await few.get('/v1/sessions')]
  expect(responses.map(({ headers }) => headers.ratelimit)).toEqual([
    '"api";r=1;t=30',
    undefined,
    '"api";r=0;t=60',
  ])
  const { status, headers, body } = await few.get<ProblemBody>('/v1/channels')
  expect([status, body.code, headers['retry-after']]).toEqual([429, 'too_many_requests', '30'])
  expect((await few.get('/v1/channels', { authorization: 'Bearer x' })).status).toBe(401)
  await few.close()
})
