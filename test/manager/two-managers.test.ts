import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StreamKeyView } from '../../core/api/channel.ts'
import type { ListPage } from '../../core/api/common.ts'
import type { EventPage } from '../../core/api/event.ts'
import type { SessionView } from '../../core/api/session.ts'
import { hashStreamKey } from '../../core/contracts/ids.ts'
import { createPublishGrants } from '../../core/contracts/publish-grants.ts'
import { createSessionLog } from '../../core/contracts/session-log.ts'
import type { Redis } from '../../core/process/redis.ts'
import { liveSession } from '../kit/manager/live-data.ts'
import { startTestManager, type TestManager } from '../kit/manager/test-manager.ts'
import { startWebhookReceiver } from '../kit/manager/webhook-receiver.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

describe('two managers on one Postgres', () => {
  let postgres: TestPostgres
  let server: TestRedis
  let redis: Redis
  let managers: [TestManager, TestManager]

  beforeAll(async () => {
    ;[postgres, server] = await Promise.all([startPostgres(), startRedis()])
    redis = await connectToRedis(server.url)
    const environment = { DATABASE_URL: postgres.url, NOWCAST_WEBHOOK_NETWORKS: '127.0.0.1' }
    managers = await Promise.all([
      startTestManager(server.url, environment),
      startTestManager(server.url, environment),
    ])
  })
  afterAll(async () => {
    for (const manager of managers ?? []) await manager.close()
    redis?.disconnect()
    await server?.stop()
    await postgres?.stop()
  })

  test('share their channels', async () => {
    const [one, other] = managers
    const { streamKey } = await one.createChannel('shared')
    expect((await other.get<StreamKeyView>('/v1/channels/shared/stream-key')).body.streamKey).toBe(streamKey)
    expect((await other.post('/v1/channels', { slug: 'shared' })).status).toBe(409)
    expect((await other.delete('/v1/channels/shared')).status).toBe(204)
    expect((await one.get('/v1/channels/shared')).status).toBe(404)
    expect(await createPublishGrants(redis).find(hashStreamKey(streamKey))).toBeUndefined()
  })

  test('leave one key valid when both create new ones at once', async () => {
    const [one, other] = managers
    const { streamKey: previous } = await one.createChannel('race')
    const responses = await Promise.all(
      [one, other, one, other, one, other].map((manager) =>
        manager.post<StreamKeyView>('/v1/channels/race/stream-key'),
      ),
    )
    const valid = (await one.get<StreamKeyView>('/v1/channels/race/stream-key')).body.streamKey
    const created = responses.flatMap(({ status, body }) => (status === 200 ? [body.streamKey] : []))
    expect(created).toContain(valid)
    const grants = createPublishGrants(redis)
    for (const streamKey of new Set([previous, ...created]))
      expect((await grants.find(hashStreamKey(streamKey)))?.slug).toBe(
        streamKey === valid ? 'race' : undefined,
      )
  })

  test('handle a request that both get with the same idempotency key once', async () => {
    const [one, other] = managers
    const send = (manager: TestManager) =>
      manager.post<StreamKeyView>('/v1/channels', { slug: 'once' }, { 'idempotency-key': 'create-once' })
    const responses = await Promise.all([one, other, one, other, one, other].map(send))
    const first = responses.find(
      ({ status, headers }) => status === 201 && !('idempotent-replayed' in headers),
    )
    for (const { status, text } of responses)
      expect(status === 409 ? text : [status, text]).toEqual(
        status === 409 ? expect.stringContaining('idempotency_key_in_use') : [201, first?.text],
      )
    const again = await send(other)
    expect([again.headers['idempotent-replayed'], again.body]).toEqual(['true', first?.body])
  })

  test('write each session to the history once', async () => {
    const log = createSessionLog(redis)
    const ids: string[] = []
    for (let number = 0; number < 40; number += 1) {
      const session = liveSession({ slug: 'history' })
      ids.push(session.sessionId)
      await log.append({ type: 'started', at: number, session })
      await log.append({
        type: 'ended',
        at: number,
        sessionId: session.sessionId,
        reason: 'stopped',
        detail: null,
      })
    }
    const [one, other] = managers
    const ended = async (manager: TestManager) =>
      (
        await manager.get<ListPage<SessionView>>('/v1/sessions?channel=history&state=ended&limit=100')
      ).body.items.map(({ id }) => id)
    await waitFor('all', async () => (await ended(one)).length === ids.length)
    expect((await ended(other)).toSorted()).toEqual(ids.toSorted())
    const counted = await Promise.all(managers.map(async (manager) => (await manager.get('/metrics')).text))
    const total = counted
      .map((text) => Number(/^nowcast_sessions_ended_total\{.*\} (\d+)$/m.exec(text)?.[1] ?? 0))
      .reduce((sum, count) => sum + count, 0)
    expect(total).toBe(ids.length)
  })

  test('write one log of events, and deliver each event in the order of its channel', async () => {
    const receiver = await startWebhookReceiver()
    const [one, other] = managers
    const slugs = ['first', 'second', 'third']
    await one.post('/v1/webhooks', { url: receiver.url, channels: slugs })
    for (const slug of slugs) await one.createChannel(slug)
    const before = (await one.get<EventPage>('/v1/events?types=session.ended&limit=200')).body.nextCursor
    await Promise.all(
      slugs.flatMap((slug) =>
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? one : other).patch(`/v1/channels/${slug}`, { priority: index }),
        ),
      ),
    )
    const { body: log } = await other.get<EventPage>(`/v1/events?after=${before}&limit=200`)
    const first = Number(before.slice(2)) + 1
    expect(log.items.map(({ cursor }) => cursor)).toEqual(
      Array.from({ length: 30 }, (_, index) => `e.${first + index}`),
    )
    const expected = Array.from({ length: 11 }, (_, index) => index + 1)
    await waitFor('all deliveries', () => slugs.every((slug) => receiver.sequencesOf(slug).length === 11))
    for (const slug of slugs) expect(receiver.sequencesOf(slug)).toEqual(expected)
    expect(receiver.received).toHaveLength(33)
    await receiver.stop()
  })
})
