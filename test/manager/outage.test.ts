import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLiveRegistry } from '../../core/contracts/live-registry.ts'
import { createPublishGrants } from '../../core/contracts/publish-grants.ts'
import { createSessionLog } from '../../core/contracts/session-log.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'
import { build, connect, type Fixture } from './fixture.ts'
import { liveSession } from './live-data.ts'

let server: TestRedis
let data: TempDir
let manager: Fixture

const start = () => build(server.url, { NOWCAST_DATA_DIR: data.path })

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

const make = async (slug: string) => (await manager.call('POST', '/v1/channels', { slug })).body
const isReadFresh = async () =>
  (await manager.call('GET', '/metrics')).text.includes('known{role="manager"} 1')

/** Whether Redis, asked by a connection of its own, knows a key. */
async function isKnown(streamKey: string): Promise<boolean> {
  const redis = await connect(server.url)
  const grant = await createPublishGrants(redis).lookUp(streamKey)
  redis.disconnect()
  return grant !== undefined
}

it('goes on without Redis: answers, says so, changes no key it cannot revoke, and heals', async () => {
  const { id, streamKey } = await make('show')
  const { body: token } = await manager.call('POST', '/v1/channels/show/playback-tokens')
  const redis = await connect(server.url)
  const session = liveSession({ slug: 'show', channelId: id })
  await createLiveRegistry(redis).putSession(session)
  const live = async () => (await manager.call('GET', '/v1/channels')).body.items[0]?.live
  await waitFor('the session', live)
  redis.disconnect()
  await server.kill()
  await waitFor('the loss', async () => !(await isReadFresh()))

  expect(await live()).toMatchObject({ sessionId: session.sessionId })
  const ready = await manager.call('GET', '/readyz')
  expect(ready.status).toBe(503)
  expect(ready.text).toMatch(/^redis is away, what is live is only known from before/)

  for (const [method, url, body] of [
    ['POST', '/v1/channels/show/stream-key', undefined],
    ['DELETE', '/v1/channels/show', undefined],
    ['PATCH', '/v1/channels/show', { enabled: false }],
    ['PATCH', '/v1/channels/show', { playback: 'signed' }],
    ['DELETE', '/v1/channels/show/playback-tokens', undefined],
    ['DELETE', `/v1/channels/show/playback-tokens/${token.id}`, undefined],
  ] as const) {
    const refused = await manager.call(method, url, body)
    expect([refused.status, refused.body.code]).toEqual([503, 'redis_unavailable'])
    expect(refused.body.detail).toContain('nothing was changed')
    expect(refused.headers['retry-after']).toBe('2')
  }
  expect((await manager.call('GET', '/v1/channels/show/stream-key')).body.streamKey).toBe(streamKey)
  const { body: unchanged } = await manager.call('GET', '/v1/channels/show')
  expect([unchanged.enabled, unchanged.playback.mode]).toEqual([true, 'public'])

  const made = await make('made-meanwhile')
  expect(made.streamKey).toMatch(/^sk_/)
  const renamed = await manager.call('PATCH', '/v1/channels/show', { title: 'Renamed' })
  expect([renamed.status, renamed.body.title]).toEqual([200, 'Renamed'])
  const stop = await manager.call('POST', `/v1/sessions/${session.sessionId}/stop`)
  expect([stop.status, stop.body.code]).toEqual([503, 'redis_unavailable'])

  await server.restart()
  await waitFor('the keys', () => isKnown(made.streamKey))
  expect(await isKnown(streamKey)).toBe(true)
  await waitFor('a fresh look', isReadFresh)
  expect((await manager.call('POST', '/v1/channels/show/stream-key')).status).toBe(200)
  expect(await isKnown(streamKey)).toBe(false)
})

it('ends soon while Redis is away', async () => {
  await server.kill()
  await waitFor('the loss', async () => !(await isReadFresh()))
  const begun = Date.now()
  await manager.close()
  expect(Date.now() - begun).toBeLessThan(3000)
  manager = await start()
  await manager.close()
  expect(Date.now() - begun).toBeLessThan(6000)
  manager = await start()
})

it('starts without Redis, and mirrors its keys when Redis comes', async () => {
  const { streamKey } = await make('show')
  await manager.close()
  await server.kill()
  manager = await start()
  expect((await manager.call('GET', '/v1/channels')).body.items).toHaveLength(1)
  await server.restart()
  await waitFor('the key', () => isKnown(streamKey))
})

it('reads the session log on where it stopped, also in an empty Redis, and each event once', async () => {
  const sessionIds = async () =>
    (await manager.call('GET', '/v1/sessions')).body.items.map(({ id }: { id: string }) => id)
  async function tell(count: number) {
    const redis = await connect(server.url)
    const sessions = Array.from({ length: count }, () => liveSession())
    for (const session of sessions) await createSessionLog(redis).append({ type: 'started', at: 1, session })
    redis.disconnect()
    return sessions.map(({ sessionId }) => sessionId)
  }
  const all = await tell(3)
  await waitFor('three', async () => (await sessionIds()).length === 3)
  await manager.close()
  all.push(...(await tell(120)))
  manager = await start()
  const seen = async () => (await manager.call('GET', '/v1/sessions?limit=200')).body.items.length
  await waitFor('those told while it was away', async () => (await seen()) === 123)
  await server.restart()
  all.push(...(await tell(2)))
  await waitFor('those told after the outage', async () => (await seen()) === 125)
  const { body } = await manager.call('GET', '/v1/sessions?limit=200')
  expect(body.items.map(({ id }: { id: string }) => id).toSorted()).toEqual(all.toSorted())
})
