import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { EventPage, EventView } from '../../core/api/event.ts'
import { createSessionLog } from '../../core/contracts/session-log.ts'
import { liveSession } from '../kit/manager/live-data.ts'
import { type ManagerProcess, startManagerProcess } from '../kit/manager/manager-process.ts'
import { startWebhookReceiver } from '../kit/manager/webhook-receiver.ts'
import { freePort } from '../kit/ports.ts'
import { createRandom } from '../kit/random.ts'
import { connectToRedis, startRedis } from '../kit/redis.ts'
import { makeTempDir } from '../kit/temp-dir.ts'
import { waitFor } from '../kit/wait-for.ts'

const random = createRandom(42)
/** Number of times that the manager is killed. */
const kills = 2

/** Changes a channel again and again until the manager dies. Adds the titles that it acknowledged. */
async function writeUntilDeath(manager: ManagerProcess, slug: string, written: string[]): Promise<void> {
  try {
    await manager.call('POST', '/v1/channels', { slug })
    for (;;) {
      const title = `${slug} ${crypto.randomUUID()}`
      const { status } = await manager.call('PATCH', `/v1/channels/${slug}`, { title })
      expect(status).toBe(200)
      written.push(title)
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
}

async function readAll(manager: ManagerProcess): Promise<EventView[]> {
  const events: EventView[] = []
  for (let after = 'e.0'; ; ) {
    const { body } = await manager.call<EventPage>('GET', `/v1/events?limit=200&after=${after}`)
    events.push(...body.items)
    if (!body.hasMore) return events
    after = body.nextCursor
  }
}

test('a manager that is killed again and again loses and doubles no event', async () => {
  const [redisServer, data, receiver] = [await startRedis(), makeTempDir(), await startWebhookReceiver()]
  const redis = await connectToRedis(redisServer.url)
  const port = await freePort()
  const start = () =>
    startManagerProcess(port, {
      NOWCAST_DATA_DIR: data.path,
      REDIS_URL: redisServer.url,
      NOWCAST_WEBHOOK_NETWORKS: '127.0.0.1',
    })
  const log = createSessionLog(redis)
  const sessionIds: string[] = []
  const titles: string[] = []
  let manager = await start()
  await manager.call('POST', '/v1/webhooks', { url: receiver.url, types: ['channel.updated'] })

  for (let round = 0; round < kills; round += 1) {
    const enough = titles.length + 2 + Math.floor(random() * 20)
    const writing = [`show-${round}`, `other-${round}`].map((slug) => writeUntilDeath(manager, slug, titles))
    while (titles.length < enough) {
      const session = liveSession({ slug: 'live', channelId: 'c_live' })
      const { sessionId } = session
      sessionIds.push(sessionId)
      await log.append({ type: 'started', at: session.startedAt, session })
      await log.append({ type: 'ended', at: Date.now(), sessionId, reason: 'stopped', detail: null })
      await delay(2)
    }
    await delay(random() * 10)
    await manager.stop('SIGKILL')
    await Promise.all(writing)
    manager = await start()
  }

  const ended = async () => (await readAll(manager)).filter(({ type }) => type === 'session.ended').length
  await waitFor('the session log', async () => (await ended()) === sessionIds.length)
  const events = await readAll(manager)
  expect(titles.length).toBeGreaterThan(kills)
  expect(events.map(({ cursor }) => cursor)).toEqual(events.map((_, index) => `e.${index + 1}`))
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
  for (const ofChannel of Map.groupBy(events, ({ channelId }) => channelId).values())
    expect(ofChannel.map(({ sequence }) => sequence)).toEqual(ofChannel.map((_, index) => index + 1))
  const updates = events.filter(({ type }) => type === 'channel.updated')
  const shown = updates.map(({ data }) => data.title)
  expect(shown.filter((title) => titles.includes(String(title)))).toEqual(
    shown.filter((title, index) => titles.includes(String(title)) && shown.indexOf(title) === index),
  )
  expect(titles.filter((title) => !shown.includes(title))).toEqual([])
  // The last change of each writer may have been stored without a response.
  expect(shown.length - titles.length).toBeLessThanOrEqual(2 * kills)
  for (const type of ['session.started', 'session.ended'])
    expect(
      events
        .filter((event) => event.type === type)
        .map(({ data }) => data.sessionId)
        .toSorted(),
    ).toEqual(sessionIds.toSorted())

  const ids = new Set(updates.map(({ id }) => id))
  const arrived = () => new Set(receiver.received.map(({ event }) => event.id))
  await waitFor('all deliveries', () => arrived().size === ids.size, { timeoutMs: 50_000 })
  expect([...arrived()].toSorted()).toEqual([...ids].toSorted())
  for (const slug of new Set(updates.map(({ channel }) => channel ?? '')))
    expect(receiver.sequencesOf(slug)).toEqual(
      updates.filter(({ channel }) => channel === slug).map(({ sequence }) => sequence),
    )
  await manager.stop()
  await receiver.stop()
  redis.disconnect()
  await redisServer.stop()
  data.remove()
})
