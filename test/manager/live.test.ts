import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChannelView } from '../../core/api/channel.ts'
import type { ListPage } from '../../core/api/common.ts'
import type { ProblemBody } from '../../core/api/problem.ts'
import type { SessionView } from '../../core/api/session.ts'
import { type Experience, newExperience, sketchOf } from '../../core/contracts/experience.ts'
import { newSessionId } from '../../core/contracts/ids.ts'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import { createLiveRegistry, type LiveRegistry } from '../../core/contracts/live-registry.ts'
import { announcePresence } from '../../core/contracts/presence.ts'
import { createSessionLog, type SessionLog } from '../../core/contracts/session-log.ts'
import { addValue } from '../../core/contracts/sketch.ts'
import { createStopRequests, type StopRequest } from '../../core/contracts/stop-requests.ts'
import type { Redis } from '../../core/process/redis.ts'
import type { RoleName } from '../../core/process/role-messages.ts'
import { liveSession, originOf, rendition, source } from '../kit/manager/live-data.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

let server: TestRedis
let redis: Redis
let subscriber: Redis
let manager: TestManager
let registry: LiveRegistry
let log: SessionLog
const stops: StopRequest[] = []

beforeAll(async () => {
  server = await startRedis()
  redis = await connectToRedis(server.url)
  subscriber = await connectToRedis(server.url)
  registry = createLiveRegistry(redis)
  log = createSessionLog(redis)
  await createStopRequests(redis).watch(subscriber, (stop) => stops.push(stop))
  manager = await startTestManager(server.url)
})
afterAll(async () => {
  await manager?.close()
  redis?.disconnect()
  subscriber?.disconnect()
  await server?.stop()
})

/** Creates a channel and announces a session of it, as an ingest does. */
async function publish(slug: string): Promise<LiveSession> {
  const { id } = await manager.createChannel(slug)
  const session = liveSession({ slug, channelId: id })
  await log.append({ type: 'started', at: session.startedAt, session })
  await registry.putSession(session)
  return session
}

const liveOf = async (slug: string) => (await manager.get<ChannelView>(`/v1/channels/${slug}`)).body.live
const stopOf = (sessionId: string) =>
  waitFor('the stop', () => stops.find((stop) => stop.sessionId === sessionId))

/** Returns the experience that one edge reports: one join, 9 s of playback, and a stall of `stalledMs`. */
function reported(joinMs: number, stalledMs: number): Experience {
  const experience = { ...newExperience(), stalledMs, playedMs: 9000 }
  addValue(sketchOf(experience, 'joinMs'), joinMs)
  return experience
}

test('shows a session from its start to its end', async () => {
  const session = await publish('show')
  const { sessionId } = session
  const starting = await waitFor('the session', () => liveOf('show'))
  expect(starting).toEqual({
    sessionId,
    startedAt: '2026-05-01T10:00:00.000Z',
    state: 'starting',
    viewers: 0,
    experience: null,
    source: null,
    renditions: [],
    health: null,
  })

  await registry.putSession({ ...session, source })
  await registry.putOrigin(originOf(session))
  await registry.putViewers('edge-1', {
    show: { count: 7, ids: [1, 2, 3, 4, 5, 6, 7], shift: 0 },
    other: { count: 1, ids: [], shift: 0 },
  })
  // Viewer 7 is moving from the first edge to the second, so both report this viewer, who counts once.
  await registry.putViewers('edge-2', { show: { count: 6, ids: [7, 8, 9, 10, 11, 12], shift: 0 } })
  await registry.putExperience('edge-1', { show: reported(900, 0) })
  await registry.putExperience('edge-2', { show: reported(1100, 2000) })
  await log.append({ type: 'source', at: 1, sessionId, source })
  await log.append({
    type: 'transcoding',
    at: 2,
    sessionId,
    epoch: 1,
    transcoder: 'i_transcoder',
    renditions: [rendition],
  })
  const live = await waitFor('viewers', async () => {
    const shown = await liveOf('show')
    return shown?.viewers === 12 && shown.experience?.stallRatio === 0.1 && shown
  })
  const health = { speed: 1.4, behindMs: 80, overloaded: false }
  expect(live).toMatchObject({ state: 'live', viewers: 12, source, renditions: [rendition], health })
  expect(live.experience).toEqual({
    joinMs: { p50: expect.closeTo(900, -2), p95: expect.closeTo(1100, -2) },
    latencyMs: null,
    bufferMs: null,
    bitrate: null,
    throughput: null,
    stallRatio: 0.1,
  })
  expect((await manager.get<ListPage<ChannelView>>('/v1/channels')).body.items[0]?.live).toEqual(live)
  const shown = (await manager.get(`/v1/sessions/${sessionId}`)).body
  expect(shown).toMatchObject({
    channel: 'show',
    state: 'live',
    endedAt: null,
    reason: null,
    viewers: 12,
    source,
    health,
  })
  expect(await manager.metrics()).toContain('nowcast_viewers{role="manager"} 13')

  const [since, until] = [Date.parse('2026-05-01T10:05:00Z'), Date.parse('2026-05-01T10:05:20Z')]
  const reason = 'publisher_lost'
  await registry.putSession({ ...session, source, interruption: { since, until, reason } })
  await waitFor('the interruption', async () => (await liveOf('show'))?.state === 'interrupted')
  await log.append({ type: 'interrupted', at: since, sessionId, reason })
  await log.append({ type: 'resumed', at: until, sessionId, since, reason })
  await log.append({
    type: 'ended',
    at: Date.parse('2026-05-01T10:20:00Z'),
    sessionId,
    reason: 'publisher_left',
    detail: null,
  })
  await registry.removeOrigin({ ...session, epoch: 1 })
  await registry.removeSession(session)
  await waitFor('the end', async () => (await liveOf('show')) === null)
  const ended = await waitFor('the end in history', async () => {
    const { body } = await manager.get<SessionView>(`/v1/sessions/${sessionId}`)
    return body.state === 'ended' && body
  })
  expect(ended).toEqual({
    id: sessionId,
    channel: 'show',
    channelId: session.channelId,
    state: 'ended',
    startedAt: '2026-05-01T10:00:00.000Z',
    endedAt: '2026-05-01T10:20:00.000Z',
    reason: 'publisher_left',
    detail: null,
    interruptions: [{ startedAt: '2026-05-01T10:05:00.000Z', endedAt: '2026-05-01T10:05:20.000Z', reason }],
    latency: 'low',
    publisher: { address: '192.0.2.7', software: 'obs-output module' },
    source,
    renditions: [rendition],
    transcoder: 'i_transcoder',
    epoch: 1,
    overloaded: false,
    health: null,
    viewers: 0,
    peakViewers: ended.peakViewers,
  })
  expect(await manager.metrics()).toMatch(/^nowcast_sessions_ended_total\{reason="publisher_left".*\} 1$/m)
})

test('lists sessions by channel and state', async () => {
  const first = await publish('listed')
  await registry.removeSession(first)
  await log.append({ type: 'ended', at: 5, sessionId: first.sessionId, reason: 'stopped', detail: null })
  const second = liveSession({ slug: 'listed', channelId: first.channelId, startedAt: first.startedAt + 1 })
  await log.append({ type: 'started', at: 6, session: second })
  await registry.putSession(second)
  const ids = async (query: string) =>
    (await manager.get<ListPage<SessionView>>(`/v1/sessions?channel=listed${query}`)).body.items.map(
      ({ id }) => id,
    )
  await waitFor('both', async () => (await ids('')).length === 2)
  expect(await ids('')).toEqual([second.sessionId, first.sessionId])
  await waitFor('the end', async () => (await ids('&state=ended')).length === 1)
  expect(await ids('&state=ended')).toEqual([first.sessionId])
  expect(await ids('&state=live')).toEqual([second.sessionId])
  const page = await manager.get<ListPage<SessionView>>('/v1/sessions?channel=listed&limit=1')
  expect(page.body.items).toHaveLength(1)
  expect(await ids(`&limit=1&cursor=${page.body.nextCursor}`)).toEqual([first.sessionId])
  expect(await ids('x')).toEqual([])
})

test('stops a session only once', async () => {
  const { sessionId } = await publish('stopped')
  const { status, body } = await waitFor('the session', async () => {
    const response = await manager.post<SessionView>(`/v1/sessions/${sessionId}/stop`)
    return response.status !== 404 && response
  })
  expect(status).toBe(202)
  expect(body.id).toBe(sessionId)
  expect(await stopOf(sessionId)).toEqual({ sessionId, reason: 'stopped', detail: null })
  await log.append({ type: 'ended', at: 9, sessionId, reason: 'stopped', detail: null })
  const again = await waitFor('the end', async () => {
    const response = await manager.post<ProblemBody>(`/v1/sessions/${sessionId}/stop`)
    return response.status === 409 && response
  })
  expect(again.body).toMatchObject({ code: 'session_ended', detail: 'It ended with the reason stopped' })
  const unknown = await manager.post<ProblemBody>(`/v1/sessions/${newSessionId()}/stop`)
  expect([unknown.status, unknown.body.code]).toEqual([404, 'session_not_found'])
})

test.each([
  ['deleting', 'DELETE', undefined],
  ['disabling', 'PATCH', { enabled: false }],
])('%s a channel ends its session', async (how, method, body) => {
  const session = await publish(`on-air-${how}`)
  expect((await manager.call(method, `/v1/channels/on-air-${how}`, body)).status).toBeLessThan(300)
  expect(await stopOf(session.sessionId)).toMatchObject({ reason: 'channel_removed' })
})

test('ends a session that started while its channel was being deleted', async () => {
  const session = liveSession({ slug: 'slipped', channelId: 'c_deleted_before' })
  await registry.putSession(session)
  expect(await stopOf(session.sessionId)).toMatchObject({ reason: 'channel_removed' })
})

test('adopts a live session that is missing in the session log', async () => {
  const { id } = await manager.createChannel('unlogged')
  const session = liveSession({ slug: 'unlogged', channelId: id, source })
  await registry.putSession(session)
  const shown = await waitFor('the session in history', async () => {
    const { body } = await manager.get<ListPage<SessionView>>('/v1/sessions?channel=unlogged')
    return body.items[0]
  })
  expect(shown).toMatchObject({ id: session.sessionId, state: 'live', source })
})

test('is ready with one process of each role', async () => {
  const silent = manager.log.child({}, { level: 'silent' })
  const announce = (role: RoleName) =>
    announcePresence(redis, { role, instance: `i_${role}`, url: 'http://127.0.0.1:3', startedAt: 1 }, silent)
  const withdraw = [announce('ingest'), announce('transcoder')]
  const readiness = () => manager.get('/readyz')
  await waitFor('two roles', async () => (await readiness()).text === 'not running yet: edge\n')
  withdraw.push(announce('edge'))
  await waitFor('readiness', async () => (await readiness()).status === 200)
  for (const leave of withdraw) await leave()
  expect((await readiness()).status).toBe(503)
})
