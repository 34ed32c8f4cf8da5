import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPublishGrants } from '../../core/contracts/publish-grants.ts'
import { createSessionLog } from '../../core/contracts/session-log.ts'
import type { Redis } from '../../core/process/redis.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { startRedis, type TestRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'
import { build, connect, type Fixture } from './fixture.ts'
import { liveSession } from './live-data.ts'

describe.skipIf(process.env.NOWCAST_TEST_WITHOUT_POSTGRES === '1')('two managers on one Postgres', () => {
  let postgres: TestPostgres
  let server: TestRedis
  let redis: Redis
  let managers: [Fixture, Fixture]

  beforeAll(async () => {
    ;[postgres, server] = await Promise.all([startPostgres(), startRedis()])
    redis = await connect(server.url)
    const environment = { DATABASE_URL: postgres.url }
    managers = await Promise.all([build(server.url, environment), build(server.url, environment)])
  })
  afterAll(async () => {
    for (const manager of managers ?? []) await manager.close()
    redis?.disconnect()
    await server?.stop()
    await postgres?.stop()
  })

  it('are one: a channel of the one is changed by the other', async () => {
    const [one, other] = managers
    const { body } = await one.call('POST', '/v1/channels', { slug: 'shared' })
    expect((await other.call('GET', '/v1/channels/shared/stream-key')).body.streamKey).toBe(body.streamKey)
    expect((await other.call('POST', '/v1/channels', { slug: 'shared' })).status).toBe(409)
    expect((await other.call('DELETE', '/v1/channels/shared')).status).toBe(204)
    expect((await one.call('GET', '/v1/channels/shared')).status).toBe(404)
    expect(await createPublishGrants(redis).lookUp(body.streamKey)).toBeUndefined()
  })

  it('leave one key valid when both make new ones at once', async () => {
    const [one, other] = managers
    const former = (await one.call('POST', '/v1/channels', { slug: 'race' })).body.streamKey
    const answers = await Promise.all(
      [one, other, one, other, one, other].map((manager) =>
        manager.call('POST', '/v1/channels/race/stream-key'),
      ),
    )
    const valid = (await one.call('GET', '/v1/channels/race/stream-key')).body.streamKey
    const given = answers.flatMap(({ status, body }) => (status === 200 ? [body.streamKey] : []))
    expect(given).toContain(valid)
    const mirror = createPublishGrants(redis)
    for (const streamKey of new Set([former, ...given]))
      expect((await mirror.lookUp(streamKey))?.slug).toBe(streamKey === valid ? 'race' : undefined)
  })

  it('write each session down once', async () => {
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
    const ended = async (manager: Fixture) =>
      (await manager.call('GET', '/v1/sessions?channel=history&state=ended&limit=100')).body.items.map(
        ({ id }: { id: string }) => id,
      )
    await waitFor('all', async () => (await ended(one)).length === ids.length)
    expect((await ended(other)).toSorted()).toEqual(ids.toSorted())
    const counted = await Promise.all(
      managers.map(async (manager) => (await manager.call('GET', '/metrics')).text),
    )
    const total = counted
      .map((text) => Number(/^nowcast_sessions_ended_total\{.*\} (\d+)$/m.exec(text)?.[1] ?? 0))
      .reduce((sum, count) => sum + count, 0)
    expect(total).toBe(ids.length)
  })
})
