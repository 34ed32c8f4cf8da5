import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ChannelView, StreamKeyView } from '../../core/api/channel.ts'
import type { ListPage } from '../../core/api/common.ts'
import type { TokenView } from '../../core/api/playback-token.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import type { SessionView } from '../../core/api/session.ts'
import { hashStreamKey } from '../../core/contracts/ids.ts'
import { createLiveRegistry } from '../../core/contracts/live-registry.ts'
import { createPublishGrants } from '../../core/contracts/publish-grants.ts'
import { createSessionLog } from '../../core/contracts/session-log.ts'
import { liveSession } from '../kit/manager/live-data.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'

let server: TestRedis
let data: TempDir
let manager: TestManager

const start = () => startTestManager(server.url, { NOWCAST_DATA_DIR: data.path })

beforeEach(async () => {
  data = makeTempDir()
  server = await startRedis()
  manager = await start()
})
afterEach(async () => {
  await manager.close()
  await server.stop()
  data.remove()
})

const isRegistryReadable = async () => (await manager.metrics()).includes('known{role="manager"} 1')

/** Whether ingests would accept the stream key. Opens a new connection, because tests restart Redis. */
async function isKnown(streamKey: string): Promise<boolean> {
  const redis = await connectToRedis(server.url)
  const grant = await createPublishGrants(redis).find(hashStreamKey(streamKey))
  redis.disconnect()
  return grant !== undefined
}

test('without Redis it answers, reports the outage, changes no key that it cannot revoke, and heals', async () => {
  const { id, streamKey } = await manager.createChannel('show')
  const { body: token } = await manager.post<TokenView>('/v1/channels/show/playback-tokens')
  const redis = await connectToRedis(server.url)
  const session = liveSession({ slug: 'show', channelId: id })
  await createLiveRegistry(redis).putSession(session)
  const live = async () => (await manager.get<ListPage<ChannelView>>('/v1/channels')).body.items[0]?.live
  await waitFor('the session', live)
  redis.disconnect()
  await server.kill()
  await waitFor('the loss', async () => !(await isRegistryReadable()))

  expect(await live()).toMatchObject({ sessionId: session.sessionId })
  const ready = await manager.get('/readyz')
  expect(ready.status).toBe(503)
  expect(ready.text).toMatch(/^redis is away, only the last known live state is available/)

  for (const [method, url, body] of [
    ['POST', '/v1/channels/show/stream-key', undefined],
    ['DELETE', '/v1/channels/show', undefined],
    ['PATCH', '/v1/channels/show', { enabled: false }],
    ['PATCH', '/v1/channels/show', { playback: 'signed' }],
    ['DELETE', '/v1/channels/show/playback-tokens', undefined],
    ['DELETE', `/v1/channels/show/playback-tokens/${token.id}`, undefined],
  ] as const) {
    const refused = await manager.call<ProblemBody>(method, url, body)
    expect([refused.status, refused.body.code]).toEqual([503, 'redis_unavailable'])
    expect(refused.body.detail).toContain('nothing was changed')
    expect(refused.headers['retry-after']).toBe('2')
  }
  expect((await manager.get<StreamKeyView>('/v1/channels/show/stream-key')).body.streamKey).toBe(streamKey)
  const { body: unchanged } = await manager.get<ChannelView>('/v1/channels/show')
  expect([unchanged.enabled, unchanged.playback.mode]).toEqual([true, 'public'])

  const made = await manager.createChannel('made-meanwhile')
  expect(made.streamKey).toMatch(/^sk_/)
  const renamed = await manager.patch<ChannelView>('/v1/channels/show', { title: 'Renamed' })
  expect([renamed.status, renamed.body.title]).toEqual([200, 'Renamed'])
  const stop = await manager.post<ProblemBody>(`/v1/sessions/${session.sessionId}/stop`)
  expect([stop.status, stop.body.code]).toEqual([503, 'redis_unavailable'])

  await server.restart()
  await waitFor('the keys', () => isKnown(made.streamKey))
  expect(await isKnown(streamKey)).toBe(true)
  await waitFor('the live registry', isRegistryReadable)
  expect((await manager.post('/v1/channels/show/stream-key')).status).toBe(200)
  expect(await isKnown(streamKey)).toBe(false)
})

test('closes quickly while Redis is away', async () => {
  await server.kill()
  await waitFor('the loss', async () => !(await isRegistryReadable()))
  const begun = Date.now()
  await manager.close()
  expect(Date.now() - begun).toBeLessThan(3000)
  manager = await start()
  await manager.close()
  expect(Date.now() - begun).toBeLessThan(6000)
  manager = await start()
})

test('starts without Redis, and mirrors its keys when Redis comes back', async () => {
  const { streamKey } = await manager.createChannel('show')
  await manager.close()
  await server.kill()
  manager = await start()
  expect((await manager.get<ListPage<ChannelView>>('/v1/channels')).body.items).toHaveLength(1)
  await server.restart()
  await waitFor('the key', () => isKnown(streamKey))
})

test('continues the session log where it stopped, also with an empty Redis, and applies each event once', async () => {
  const sessionIds = async () =>
    (await manager.get<ListPage<SessionView>>('/v1/sessions')).body.items.map(({ id }) => id)
  async function logSessions(count: number) {
    const redis = await connectToRedis(server.url)
    const sessions = Array.from({ length: count }, () => liveSession())
    for (const session of sessions) await createSessionLog(redis).append({ type: 'started', at: 1, session })
    redis.disconnect()
    return sessions.map(({ sessionId }) => sessionId)
  }
  const all = await logSessions(3)
  await waitFor('three', async () => (await sessionIds()).length === 3)
  await manager.close()
  all.push(...(await logSessions(120)))
  manager = await start()
  const list = async () => (await manager.get<ListPage<SessionView>>('/v1/sessions?limit=200')).body.items
  await waitFor('sessions logged while the manager was down', async () => (await list()).length === 123)
  await server.restart()
  all.push(...(await logSessions(2)))
  await waitFor('sessions logged after the outage', async () => (await list()).length === 125)
  expect((await list()).map(({ id }) => id).toSorted()).toEqual(all.toSorted())
})
