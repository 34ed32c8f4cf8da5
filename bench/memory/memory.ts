import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import type { Origin } from '../../core/contracts/live-records.ts'
import { liveOrigin } from '../../test/kit/live-origin.ts'
import { keepLive, startEdgeProcess } from '../edge-vs-nginx/contenders.ts'
import { residentBytes } from '../process-figures.ts'
import { median } from '../statistics.ts'
import { type Figure, figureTable } from '../table.ts'
import { startShowOrigin } from './show-origin.ts'
import { watchShows } from './show-viewers.ts'

const sessions = 5000
/** On air at one time, each on a channel of its own. */
const onAir = 50
const cacheMb = 128
/** What an edge may take beside its cache, MB. */
const beside = 80
const viewers = 32
const sampleMs = 500
const mb = 2 ** 20

/**
 * What happens to an edge in an hour of many shows, in less: 5000 sessions come and go on 50 channels while viewers ask for anything of
 * those on air, far more than the cache holds. Does its memory hold its limit, and does it stay? Arguments: minutes (5), workers (1).
 */
export async function memory([minutes = '5', workers = '1']: string[]): Promise<string> {
  const everyMs = (Number(minutes) * 60_000) / sessions
  // The origin and the viewers live in this process: out of the way of the edge.
  execFileSync('taskset', ['-cp', '1', String(process.pid)])
  const origin = await startShowOrigin()
  const edge = await startEdgeProcess(origin.url, {
    NOWCAST_EDGE_CACHE_MB: String(cacheMb),
    NOWCAST_EDGE_WORKERS: workers,
    // What is refused for too much load would not fill memory.
    NOWCAST_EDGE_OVERLOAD_BUSY: '0',
    NOWCAST_EDGE_OVERLOAD_DELAY_MS: '0',
  })
  const shows: { record: Origin; leaveAir(): void }[] = []
  const ending = new AbortController()
  try {
    for (let n = 0; n < onAir; n += 1) await begin(n)
    // The edge has heard of all.
    await delay(2000)
    const before = residentBytes(edge.pid)
    const samples: number[] = []
    const sampling = setInterval(() => samples.push(residentBytes(edge.pid)), sampleMs)
    const watching = watchShows(edge.url, viewers, () => shows.map(({ record }) => record), ending.signal)
    const start = performance.now()
    for (let n = onAir; n < sessions; n += 1) {
      await end()
      await begin(n)
      const ahead = start + (n - onAir) * everyMs - performance.now()
      if (ahead > 0) await delay(ahead)
    }
    ending.abort()
    const sights = await watching
    clearInterval(sampling)
    const wrong = [...sights.wrong.values()].reduce((sum, count) => sum + count, 0)
    if (wrong > 0) console.log('wrong:', Object.fromEntries(sights.wrong))
    const quarter = (n: number) =>
      median(samples.slice((n * samples.length) / 4, ((n + 1) * samples.length) / 4))
    const figures: Figure[] = [
      { name: 'sessions that came and went', value: sessions, unit: '' },
      { name: 'answers to viewers', value: sights.answers, unit: '' },
      { name: 'of them', value: sights.bytes / 1e9, unit: 'GB' },
      { name: 'answers that were wrong or none', value: wrong, unit: '', atMost: 0 },
      { name: 'requests at the origin', value: origin.asked, unit: '' },
      { name: 'RSS before the first viewer', value: before / mb, unit: 'MB' },
      {
        name: `RSS at most, of a cache of ${cacheMb} MB`,
        value: Math.max(...samples) / mb,
        unit: 'MB',
        atMost: cacheMb + beside,
      },
      {
        name: 'median of the last quarter by that of the second',
        value: (quarter(3) / quarter(1) - 1) * 100,
        unit: '%',
        atMost: 5,
      },
    ]
    return figureTable(figures)
  } finally {
    ending.abort()
    for (const { leaveAir } of shows) leaveAir()
    await edge.stop()
    origin.stop()
  }

  async function begin(n: number) {
    const record = liveOrigin({ slug: `show-${n % onAir}`, url: origin.url })
    shows.push({ record, leaveAir: await keepLive(edge.registry, record) })
  }
  async function end() {
    const oldest = shows.shift()
    oldest?.leaveAir()
    if (oldest !== undefined) await edge.registry.removeOrigin(oldest.record)
  }
}
