import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EventPage } from '../../core/api/event.ts'
import type { TokenView } from '../../core/api/playback-token.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import { createSessionLog } from '../../core/contracts/session-log.ts'
import { listen } from '../../manager/server.ts'
import { openResponse } from '../kit/http/client.ts'
import { liveSession, source } from '../kit/manager/live-data.ts'
import { adminToken, startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { connectToRedis, startRedis, type TestRedis, untilSubscribed } from '../kit/redis.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'

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

const read = async (query: string) => (await manager.get<EventPage>(`/v1/events?${query}`)).body

test('the log has what happened to a channel, its tokens and its session, in order', async () => {
  const { id, streamKey } = await manager.createChannel('show', { playback: 'signed' })
  await manager.patch('/v1/channels/show', { title: 'A show' })
  const { body: token } = await manager.post<TokenView>('/v1/channels/show/playback-tokens')
  const redis = await connectToRedis(server.url)
  const log = createSessionLog(redis)
  const session = liveSession({ slug: 'show', channelId: id })
  const { sessionId } = session
  await log.append({ type: 'started', at: session.startedAt, session })
  await log.append({ type: 'source', at: 1000, sessionId, source })
  await log.append({ type: 'ended', at: 2000, sessionId, reason: 'publisher_left', detail: null })
  await waitFor('the end', async () => (await read('types=session.ended')).items.length === 1)
  redis.disconnect()
  await manager.delete(`/v1/channels/show/playback-tokens/${token.id}`)
  await manager.post('/v1/channels/show/stream-key')
  await manager.delete('/v1/channels/show')
  const { items, missed } = await read('channel=show')
  expect(items.map(({ type, sequence }) => [type, sequence])).toEqual([
    ['channel.created', 1],
    ['channel.updated', 2],
    ['token.created', 3],
    ['session.started', 4],
    ['session.source_changed', 5],
    ['session.ended', 6],
    ['token.revoked', 7],
    ['channel.key_rotated', 8],
    ['channel.deleted', 9],
  ])
  expect(missed).toBe(0)
  expect(items[5]).toEqual({
    id: expect.stringMatching(/^evt_[\w-]{22}$/),
    type: 'session.ended',
    timestamp: '1970-01-01T00:00:02.000Z',
    channel: 'show',
    channelId: id,
    sequence: 6,
    cursor: 'e.6',
    data: { sessionId, startedAt: '2026-05-01T10:00:00.000Z', reason: 'publisher_left', detail: null },
  })
  const text = JSON.stringify(items)
  for (const secret of [streamKey, token.token, session.publisher.address]) expect(text).not.toContain(secret)
})

test('a cursor continues after the last event, also at the end of the log and with a choice of types', async () => {
  const whole = await read('limit=200')
  const first = await read('limit=2')
  expect([first.items, first.hasMore]).toEqual([whole.items.slice(0, 2), true])
  const second = await read(`limit=2&after=${first.nextCursor}`)
  expect(second.items).toEqual(whole.items.slice(2, 4))
  // The cursor is beyond the events that were not chosen, too.
  const end = await read('types=channel.deleted,channel.created,channel.created')
  expect(end.items.map(({ type }) => type)).toEqual(['channel.created', 'channel.deleted'])
  expect([end.hasMore, end.nextCursor]).toEqual([false, whole.items.at(-1)?.cursor])
  expect(await read(`after=${end.nextCursor}`)).toEqual({
    items: [],
    nextCursor: end.nextCursor,
    hasMore: false,
    missed: 0,
  })
  await manager.createChannel('next')
  const next = await read(`after=${end.nextCursor}`)
  expect(next.items.map(({ type, channel }) => [type, channel])).toEqual([['channel.created', 'next']])
})

test.each([
  ['after=c.a', 'bad_cursor'],
  ['after=e.999999', 'bad_cursor'],
  ['types=channel.created,', 'validation_failed'],
  ['types=channel.renamed', 'validation_failed'],
  ['limit=201', 'validation_failed'],
])('%s is refused as %s', async (query, code) => {
  const { status, body } = await manager.get<ProblemBody>(`/v1/events?${query}`)
  expect([status, body.code]).toEqual([400, code])
})

/** Opens a stream of events over HTTP. `until` reads until the text of the stream has a match. */
async function openStream(port: number, query: string, lastEventId?: string) {
  const response = await openResponse(`http://127.0.0.1:${port}/v1/events/stream?${query}`, {
    headers: {
      authorization: `Bearer ${adminToken}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
  })
  let text = ''
  response
    .on('error', () => {})
    .on('data', (chunk) => {
      text += chunk
    })
  return {
    response,
    ended: new Promise((resolve) => response.once('close', resolve)),
    until: (pattern: RegExp) => waitFor(`${pattern}`, () => pattern.exec(text), { everyMs: 10 }),
    ids: () => [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id),
  }
}

describe('streams of two managers', () => {
  let data: TempDir
  let managers: [TestManager, TestManager]
  let port: number
  beforeAll(async () => {
    data = makeTempDir()
    const start = () => startTestManager(server.url, { NOWCAST_DATA_DIR: data.path })
    managers = [await start(), await start()]
    port = await listen(managers[0].app, '127.0.0.1', 0)
  })
  afterAll(async () => {
    for (const each of managers ?? []) await each.close()
    data?.remove()
  })

  test('a stream has the events of another manager at once, and continues after the last one', async () => {
    const other = managers[1]
    const stream = await openStream(port, 'types=channel.created')
    expect(stream.response.headers['content-type']).toMatch(/^text\/event-stream/)
    await stream.until(/^retry: 2000$/m)
    await other.createChannel('one')
    const [, cursor] = await stream.until(/^id: (e\.\d+)\nevent: channel\.created\ndata: .*"one".*\n\n/m)
    stream.response.destroy()
    await other.patch('/v1/channels/one', { title: 'One' })
    await other.createChannel('two')
    const next = await openStream(port, 'types=channel.created', cursor)
    await next.until(/"two"/)
    expect(next.ids()).toHaveLength(1)
    next.response.destroy()
  })

  test('without Redis a stream has the events of another manager a little later', async () => {
    const stream = await openStream(port, 'channel=later')
    await stream.until(/^retry/m)
    await server.kill()
    await managers[1].createChannel('later')
    await stream.until(/"later"/)
    await server.restart()
    await untilSubscribed(server.url, 'nowcast:events', 3)
    stream.response.destroy()
  })

  test('a place beyond the log is refused, HEAD has no body, and a manager that closes ends its streams', async () => {
    const [one] = managers
    const refused = await one.get<ProblemBody>('/v1/events/stream', { 'last-event-id': 'e.99' })
    expect([refused.status, refused.body.code]).toEqual([400, 'bad_cursor'])
    expect((await one.get<ProblemBody>('/v1/events/stream', { 'last-event-id': '7' })).status).toBe(400)
    expect((await one.call('HEAD', '/v1/events/stream')).status).toBe(200)
    const stream = await openStream(port, '')
    await stream.until(/^retry/m)
    await one.close()
    await stream.ended
  })
})
