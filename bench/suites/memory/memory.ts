import { setTimeout as delay } from 'node:timers/promises'
import type { Origin } from '../../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../../core/contracts/live-registry.ts'
import { liveOrigin } from '../../../test/kit/edge/live-origin.ts'
import { resultOf, type SuiteResult } from '../../figures/figure-file.ts'
import { residentBytes } from '../../figures/process-figures.ts'
import { median } from '../../figures/statistics.ts'
import { keepOriginLive, leaveCore0ToServer, startBenchEdge } from '../../stand/edge-process.ts'
import { startNoiseOrigin } from './noise-origin.ts'
import { watchSessions } from './random-viewers.ts'

const sessions = 5000
/** Number of sessions that are live at the same time, each on a channel of its own. */
const liveSessions = 50
const cacheMb = 128
/** Memory that an edge may use in addition to its cache, MB. */
const besideCacheMb = 80
const viewers = 32
const sampleMs = 500
const mb = 2 ** 20

/**
 * Measures the memory of an edge while 5000 sessions begin and end on 50 channels, and viewers request random
 * media of the live ones, far more than the cache can hold. Checks that memory stays within its limit and
 * does not grow. Arguments: minutes (5), workers (1).
 */
export async function memory([minutes = '5', workers = '1']: string[]): Promise<SuiteResult> {
  const everyMs = (Number(minutes) * 60_000) / sessions
  leaveCore0ToServer()
  const origin = await startNoiseOrigin()
  const edge = await startBenchEdge(origin.url, {
    NOWCAST_EDGE_CACHE_MB: String(cacheMb),
    NOWCAST_EDGE_WORKERS: workers,
    // Overload control would refuse requests, and refused requests do not fill memory.
    NOWCAST_EDGE_OVERLOAD_BUSY: '0',
    NOWCAST_EDGE_OVERLOAD_DELAY_MS: '0',
  })
  const rota = createSessionRota(edge.registry, origin.url)
  const ending = new AbortController()
  try {
    for (let n = 0; n < liveSessions; n += 1) await rota.begin(n)
    // The edge learns of all sessions in this time.
    await delay(2000)
    const beforeBytes = residentBytes(edge.pid)
    const samples: number[] = []
    const sampling = setInterval(() => samples.push(residentBytes(edge.pid)), sampleMs)
    const watching = watchSessions(edge.url, viewers, rota.live, ending.signal)
    const start = performance.now()
    for (let n = liveSessions; n < sessions; n += 1) {
      await rota.endOldest()
      await rota.begin(n)
      const earlyMs = start + (n - liveSessions) * everyMs - performance.now()
      if (earlyMs > 0) await delay(earlyMs)
    }
    ending.abort()
    const results = await watching
    clearInterval(sampling)
    const wrong = [...results.wrong.values()].reduce((sum, count) => sum + count, 0)
    if (wrong > 0) console.log('wrong:', Object.fromEntries(results.wrong))
    return resultOf([
      { name: 'sessions that came and went', value: sessions, unit: '' },
      { name: 'responses to viewers', value: results.responses, unit: '' },
      { name: 'of them', value: results.bytes / 1e9, unit: 'GB' },
      { name: 'wrong or missing responses', value: wrong, unit: '', atMost: 0 },
      { name: 'requests at the origin', value: origin.requests, unit: '' },
      { name: 'RSS before the first viewer', value: beforeBytes / mb, unit: 'MB' },
      ...memoryFigures(samples),
    ])
  } finally {
    ending.abort()
    rota.stop()
    await edge.stop()
    origin.stop()
  }
}

/** Returns the maximum and the growth of the memory. `samples` are resident bytes at regular intervals. */
function memoryFigures(samples: readonly number[]) {
  const quarter = (n: number) =>
    median(samples.slice((n * samples.length) / 4, ((n + 1) * samples.length) / 4))
  return [
    {
      name: `RSS at most, of a cache of ${cacheMb} MB`,
      value: Math.max(...samples) / mb,
      unit: 'MB',
      atMost: cacheMb + besideCacheMb,
    },
    {
      name: 'median of the last quarter by that of the second',
      value: (quarter(3) / quarter(1) - 1) * 100,
      unit: '%',
      atMost: 5,
    },
  ]
}

/**
 * Creates functions that register live sessions and end the oldest one. `live` returns those that are
 * registered, oldest first.
 */
function createSessionRota(registry: LiveRegistry, originUrl: string) {
  const registered: { record: Origin; endHeartbeat(): void }[] = []
  return {
    live: () => registered.map(({ record }) => record),
    async begin(n: number) {
      const record = liveOrigin({ slug: `show-${n % liveSessions}`, url: originUrl })
      registered.push({ record, endHeartbeat: await keepOriginLive(registry, record) })
    },
    async endOldest() {
      const oldest = registered.shift()
      oldest?.endHeartbeat()
      if (oldest !== undefined) await registry.removeOrigin(oldest.record)
    },
    stop() {
      for (const { endHeartbeat } of registered) endHeartbeat()
    },
  }
}
