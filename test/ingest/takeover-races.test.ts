import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSignalLog } from '../../core/coach/signal/signal-log.ts'
import { createLiveRegistry, type LiveRegistry } from '../../core/contracts/live-registry.ts'
import { createSessionLog } from '../../core/contracts/session-log.ts'
import { createStopRequests } from '../../core/contracts/stop-requests.ts'
import { createYieldRequests } from '../../core/contracts/yield-requests.ts'
import { createLog } from '../../core/process/log.ts'
import { closeRedis, type Redis } from '../../core/process/redis.ts'
import { FlushPace } from '../../ingest/distribution/flush-pace.ts'
import { createClaims } from '../../ingest/publish/claims.ts'
import { createFormerSessions } from '../../ingest/publish/former-sessions.ts'
import { createPublishAuthority } from '../../ingest/publish/publish-authority.ts'
import { createEventOutbox } from '../../ingest/session/event-outbox.ts'
import { createLiveSessions } from '../../ingest/session/live-sessions.ts'
import { createTranscodePlaces } from '../../ingest/transcode/transcode-places.ts'
import { createRandom } from '../kit/random.ts'
import { connectToRedis, startRedis, type TestRedis } from '../kit/redis.ts'
import { waitFor } from '../kit/wait-for.ts'

const ingestCount = 4
const log = createLog('test', 'silent')
/**
 * What each race sets. `pause` waits for a random time, so that calls to Redis take different orders.
 * `takeover` returns whether the next publisher may take the channel over.
 */
const race = { pause: async () => {}, takeover: () => true }

let server: TestRedis
let ingests: Awaited<ReturnType<typeof startIngest>>[]

beforeAll(async () => {
  server = await startRedis()
  ingests = await Promise.all(Array.from({ length: ingestCount }, startIngest))
})
afterAll(async () => {
  for (const ingest of ingests) await ingest.close()
  await server.stop()
})

/** Delays the calls of a registry that decide a race, before and after each, as a network does. */
function delayed(registry: LiveRegistry): LiveRegistry {
  const slow =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await race.pause()
      const result = await call(...args)
      await race.pause()
      return result
    }
  return {
    ...registry,
    claimChannel: slow(registry.claimChannel),
    rememberedGop: slow(registry.rememberedGop),
    putSession: slow(registry.putSession),
    sessions: slow(registry.sessions),
  }
}

/** Starts the parts of an ingest that decide who has a channel. The stream key names the channel. */
async function startIngest() {
  const redis: Redis = await connectToRedis(server.url)
  const subscriber: Redis = await connectToRedis(server.url, 'wait')
  const registry = delayed(createLiveRegistry(redis))
  const claims = createClaims(registry)
  const stopRequests = createStopRequests(redis)
  const outbox = createEventOutbox(createSessionLog(redis), log)
  const queue = { add: async () => {}, hasJob: async () => true, passOn: async () => false }
  const sessions = createLiveSessions({
    pullPlace: () => ({ instance: 'i_test', flvUrl: '' }),
    limits: { maxLong: 8192, maxShort: 4320, maxPixelRate: 600e6, maxBitrate: 50e6 },
    pace: new FlushPace(),
    announcer: { registry, stopRequests, claims, outbox, queue, log },
    signals: createSignalLog(redis),
    graceMs: 0,
    log,
    onEnded() {},
    onInterrupted() {},
    onClockCorrection() {},
  })
  await stopRequests.watch(subscriber, sessions.stop)
  const authority = createPublishAuthority({
    grants: {
      lookUp: async (channelId) => ({
        channelId,
        slug: channelId,
        latency: 'low',
        takeover: race.takeover(),
      }),
    },
    formerSessions: createFormerSessions({ registry, yields: createYieldRequests(redis) }),
    places: createTranscodePlaces(redis),
    ...{ claims, registry, stopRequests, sessions, log },
  })
  return {
    registry,
    sessions,
    publish: (channelId: string) =>
      authority.authorize({ streamKey: channelId, address: '127.0.0.1', software: null }),
    async close() {
      await sessions.close()
      closeRedis(redis)
      closeRedis(subscriber)
    },
  }
}

/** Publishes to one channel at several ingests at about the same time. Returns the sessions that survive. */
async function publishAtOnce(channelId: string, seed: number) {
  const random = createRandom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  race.pause = () => delay(below(4))
  const publishers = Array.from({ length: 2 + below(4) }, async () => {
    await delay(below(5))
    await ingests[below(ingestCount)]?.publish(channelId)
  })
  await Promise.all(publishers)
  const live = () => ingests.flatMap(({ sessions }) => sessions.ofChannel(channelId))
  await waitFor('one session to be left', () => live().length <= 1, { timeoutMs: 5000, everyMs: 2 })
  return live()
}

test.each([
  ['takeovers', (_random: () => number) => true],
  ['publishers without takeover', () => false],
  ['both', (random: () => number) => random() < 0.5],
])('of %s at the same time one survives: the one whose claim wins', async (name, takeover) => {
  for (let seed = 1; seed <= 70; seed++) {
    const random = createRandom(seed)
    race.takeover = () => takeover(random)
    const channelId = `c_${name.replaceAll(' ', '-')}-${seed}`
    const survivors = await publishAtOnce(channelId, seed)
    expect(survivors, `seed ${seed}`).toHaveLength(1)
    await waitFor('its record alone to be listed', async () => {
      const listed = (await ingests[0]?.registry.sessions())?.filter((each) => each.channelId === channelId)
      const ofSurvivor = listed?.filter(({ sessionId }) =>
        ingests.some(({ sessions }) => sessions.has(sessionId)),
      )
      return listed?.length === 1 && ofSurvivor?.length === 1
    })
    for (const survivor of survivors) survivor.end('stopped')
  }
})
