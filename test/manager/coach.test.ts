import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CreatedChannelView, StreamKeyView } from '../../core/api/channel.ts'
import type { CoachView, HealthView } from '../../core/api/health.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import { createSignalLog, type SignalLog } from '../../core/coach/signal/signal-log.ts'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import { createLiveRegistry, type LiveRegistry } from '../../core/contracts/live-registry.ts'
import { createSessionLog, type SessionLog } from '../../core/contracts/session-log.ts'
import type { Redis } from '../../core/process/redis.ts'
import { openStore, type Store } from '../../manager/store/store.ts'
import { healthySource, keyframesEach, signalOf } from '../kit/coach/healthy-signal.ts'
import { liveSession } from '../kit/manager/live-data.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { makeTempDir, type TempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'

let server: TestRedis
let redis: Redis
let manager: TestManager
let other: TestManager
let registry: LiveRegistry
let log: SessionLog
let signals: SignalLog
let data: TempDir
let store: Store

beforeAll(async () => {
  server = await startRedis()
  redis = await connectToRedis(server.url)
  registry = createLiveRegistry(redis)
  log = createSessionLog(redis)
  signals = createSignalLog(redis)
  data = makeTempDir()
  const shared = { NOWCAST_DATA_DIR: data.path }
  manager = await startTestManager(server.url, shared)
  other = await startTestManager(server.url, shared)
  store = await openStore({ databaseUrl: undefined, dataDir: data.path }, manager.log)
})
afterAll(async () => {
  await store?.close()
  await manager?.close()
  await other?.close()
  redis?.disconnect()
  await server?.stop()
  data?.remove()
})

/** Creates a channel and a session of it that is live in the registry and in the log. */
async function publish(slug: string): Promise<{ channel: CreatedChannelView; session: LiveSession }> {
  const channel = await manager.createChannel(slug)
  const session = liveSession({ slug, channelId: channel.id, source: healthySource, startedAt: Date.now() })
  await registry.putSession(session)
  await log.append({ type: 'started', at: session.startedAt, session })
  return { channel, session }
}

/** Writes the samples of a signal whose newest one is of this moment. */
async function send(session: LiveSession, seconds: number, change: Parameters<typeof signalOf>[1] = {}) {
  const first = Date.now() - (seconds - 1) * 1000
  for (const [index, sample] of signalOf(seconds, change).entries())
    await signals.append(session.sessionId, { ...sample, at: first + index * 1000 })
}

const healthOf = async ({ sessionId }: LiveSession, query = '', of = manager) =>
  (await of.get<HealthView>(`/v1/sessions/${sessionId}/health${query}`)).body

/** Returns the path of a coach page without the origin of the manager. */
const pathOf = ({ coach }: { coach: string }) => new URL(coach).pathname

test('judges a live session: healthy, and with keyframes that are too far apart', async () => {
  const { session } = await publish('show')
  const before = await waitFor('the session', async () => {
    const health = await healthOf(session)
    return health.state === 'live' && health
  })
  expect(before).toMatchObject({ verdict: 'none', issues: [], samples: [] })

  await send(session, 60)
  const healthy = await waitFor('a verdict', async () => {
    const health = await healthOf(session)
    return health.verdict !== 'none' && health
  })
  expect(healthy).toMatchObject({
    channel: 'show',
    verdict: 'good',
    issues: [],
    everyMs: 1000,
    endedAt: null,
  })
  expect(healthy.samples).toHaveLength(60)
  expect(healthy.samples.at(-1)).toMatchObject({ missingFrames: 0, gopMs: 2000 })

  const { session: ill } = await publish('ill')
  await send(ill, 60, keyframesEach(10_000))
  const poor = await waitFor('a verdict', async () => {
    const health = await healthOf(ill, '?language=ko&seconds=5')
    return health.verdict !== 'none' && health
  })
  expect(poor.verdict).toBe('poor')
  expect(poor.samples).toHaveLength(5)
  expect(poor.issues).toEqual([
    expect.objectContaining({
      code: 'keyframe_interval_long',
      severity: 'error',
      until: null,
      measured: 10_000,
      wanted: 2000,
      unit: 'ms',
      problem: '키프레임 간격이 10초입니다. 2초가 좋습니다.',
    }),
  ])
  const ofOther = await waitFor('the other manager', async () => {
    const health = await healthOf(ill, '?language=ko&seconds=5', other)
    return health.verdict !== 'none' && health
  })
  expect(ofOther).toEqual(poor)
})

test('keeps the health of an ended session, once with two managers', async () => {
  const { session, channel } = await publish('over')
  await send(session, 60, (second) => (second >= 20 ? { jitterMs: 350 } : {}))
  await waitFor('the first steps', async () => (await store.signals.newest(session.sessionId)) !== undefined)
  await registry.removeSession(session)
  const { sessionId } = session
  await log.append({ type: 'ended', at: Date.now(), sessionId, reason: 'publisher_left', detail: null })
  const ended = await waitFor('the same report of both managers', async () => {
    const [health, same] = [await healthOf(session), await healthOf(session, '', other)]
    return health.state === 'ended' && health.samples.length >= 6 && isDeepStrictEqual(health, same) && health
  })
  expect(ended).toMatchObject({ verdict: 'fair', everyMs: 10_000, channel: 'over' })
  expect(ended.endedAt).not.toBeNull()
  expect(ended.samples.length).toBeLessThanOrEqual(7)
  expect(ended.issues).toMatchObject([
    { code: 'jitter_high', severity: 'warning', measured: 350, unit: 'ms' },
  ])
  expect(ended.issues[0]?.seconds).toBeGreaterThanOrEqual(20)
  const page = (await manager.get<CoachView>(`${pathOf(channel)}/health`)).body
  expect(page).toEqual({ channel: { slug: 'over', title: 'over' }, health: ended })
})

test('a coach page needs its token only, which ends with the stream key', async () => {
  const { channel, session } = await publish('coached')
  await send(session, 10)
  const { body: key } = await manager.get<StreamKeyView>('/v1/channels/coached/stream-key')
  expect(key.coach).toBe(channel.coach)
  const open = (path: string) => manager.get<CoachView & ProblemBody>(path, { authorization: '' })
  const read = await waitFor('the session', async () => {
    const response = await open(`${pathOf(key)}/health`)
    return response.body.health?.verdict === 'good' && response
  })
  expect(read.headers['cache-control']).toBe('no-store')
  expect(read.body.health?.sessionId).toBe(session.sessionId)

  const { body: next } = await manager.post<StreamKeyView>('/v1/channels/coached/stream-key')
  const former = await open(`${pathOf(key)}/health`)
  expect([former.status, former.body.code]).toEqual([404, 'coach_not_found'])
  expect((await open(`${pathOf(next)}/health`)).status).toBe(200)
  const forged = pathOf(next).replace(/.{4}$/, 'AAAA')
  expect((await open(`${forged}/health`)).status).toBe(404)
  expect((await open(`${pathOf(next)}/health?seconds=601`)).body.code).toBe('validation_failed')
  for (const { coach } of [key, next]) expect(manager.logged()).not.toContain(coach.slice(-40))
})

test('a channel that was never live has no health, and an unknown session is not found', async () => {
  const channel = await manager.createChannel('quiet')
  expect((await manager.get<CoachView>(`${pathOf(channel)}/health`)).body).toMatchObject({ health: null })
  const unknown = await manager.get<ProblemBody>(`/v1/sessions/${liveSession().sessionId}/health`)
  expect([unknown.status, unknown.body.code]).toEqual([404, 'session_not_found'])
})

test('the samples of a session are bounded, and lapse', async () => {
  const { sessionId } = liveSession()
  const [sample] = signalOf(1)
  if (sample === undefined) throw new Error('there is no sample')
  await Promise.all(Array.from({ length: 900 }, () => signals.append(sessionId, sample)))
  expect(await signals.newest(sessionId)).toHaveLength(600)
  const [key = ''] = await redis.keys(`*${sessionId}`)
  expect(await redis.xlen(key)).toBeLessThanOrEqual(700)
  expect(await redis.pttl(key)).toBeGreaterThan(590_000)
})
