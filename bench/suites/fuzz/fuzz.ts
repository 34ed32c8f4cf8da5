import { setTimeout as delay } from 'node:timers/promises'
import { endReasons } from '../../../core/contracts/end-reason.ts'
import { launchChromium } from '../../../test/kit/browser.ts'
import { readMetric } from '../../../test/kit/metrics.ts'
import { createRandom } from '../../../test/kit/random.ts'
import { makeTempDir } from '../../../test/kit/temp-dir.ts'
import { startWhole, type Whole } from '../../../test/kit/whole.ts'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { residentBytes } from '../../figures/process-figures.ts'
import { keepResult } from '../../figures/result-file.ts'
import type { Figure } from '../../figures/table.ts'
import { publishClock } from '../../stand/clock-publisher.ts'
import { watchClock } from '../../stand/clock-viewer.ts'
import { runFuzzPublisher } from './fuzz-publisher.ts'
import { encodeFuzzSources } from './sources.ts'

const slug = 'beside'
/**
 * Number of fuzz publishers. With the watched channel, they stay below the number of sessions of a
 * transcoder.
 */
const publishers = 6
/** Share of the messages after which growth of memory counts. By then V8's heaps have reached their size. */
const warmShare = 0.1
/** Grace time of the channels, ms: short, so that sessions end soon after their publishers. */
const graceMs = 2000
/** Time from the last message until memory is compared, ms. By then ended sessions are no longer served. */
const calmMs = 25_000
const sampleMs = 1000
const roles = ['ingest', 'transcoder', 'edge', 'manager']
const maxSeconds = 4 * 3600

/**
 * Publishes mutated media on several channels while a viewer watches another one. Measures whether every role
 * survives, memory is given back, and the picture keeps moving. Arguments: mutated messages that ingest must
 * acknowledge (1000000), messages per second of all publishers (3000), seed (1).
 */
export async function fuzz([
  messages = '1000000',
  rate = '3000',
  seed = '1',
]: string[]): Promise<SuiteResult> {
  const dir = makeTempDir()
  const sources = encodeFuzzSources(dir.path)
  const whole = await startWhole({
    env: { NOWCAST_LADDER: 'source', NOWCAST_GRACE_MS: String(graceMs), NOWCAST_X264_PRESET: 'ultrafast' },
  })
  const browser = await launchChromium()
  const { streamKey, playback } = await whole.api('POST', '/v1/channels', { slug, latency: 'low' })
  const live = publishClock({ url: `${whole.rtmpUrl}/${streamKey}`, seconds: maxSeconds })
  try {
    await whole.untilLive(slug)
    // The supervisor process keeps only its newest lines, so this one is read before the attack.
    const { url: ingestUrl } = JSON.parse(await whole.supervisor.line(/"role":"ingest".*"msg":"ready"/)) as {
      url: string
    }
    const keys = await createKeys(whole)
    const pids = pidsOf(whole)
    const memory = createMemoryMeter(whole)
    const port = Number(new URL(whole.rtmpUrl).port)
    const random = createRandom(Number(seed))
    let left = Number(messages)
    const attack = async () => {
      const counts = await Promise.all(
        keys.map((key) =>
          runFuzzPublisher({
            port,
            key,
            sources,
            random: createRandom(Math.floor(random() * 2 ** 32)),
            rate: Number(rate) / publishers,
            isWanted: () => left > 0,
            onReceived(count) {
              left -= count
              if (left < Number(messages) * (1 - warmShare)) memory.begin()
            },
          }),
        ),
      )
      await delay(calmMs)
      memory.end()
      return counts
    }
    const attacked = attack()
    const view = await watchClock(browser, playback.watch, {
      seconds: 0,
      onStart: () => attacked.then(() => {}),
    })
    const counts = await attacked
    console.log(JSON.stringify({ view, counts }))
    const sum = (pick: (count: { sessions: number; refused: number }) => number) =>
      counts.reduce((total, count) => total + pick(count), 0)
    const figures = [
      { name: 'mutated messages that a session received', value: Number(messages) - left, unit: '' },
      { name: 'sessions', value: sum(({ sessions }) => sessions), unit: '' },
      { name: 'publishes refused', value: sum(({ refused }) => refused), unit: '' },
      ...(await endFigures(ingestUrl)),
      { name: 'roles that crashed', value: pidsOf(whole) === pids ? 0 : 1, unit: '', atMost: 0 },
      ...memory.figures(),
      { name: 'stalls of the viewer', value: view.stalls.times, unit: '', atMost: 0 },
      { name: 'age p95', value: view.ageMs.p95, unit: 'ms' },
    ]
    const conditions = `${publishers} publishers, ${rate} messages/s, seed ${seed}`
    return keepResult('fuzz', 'Mutated media', { figures }, conditions)
  } finally {
    await browser.close()
    await live.stop()
    await whole.stop()
    dir.remove()
  }
}

async function createKeys(whole: Whole): Promise<string[]> {
  const keys: string[] = []
  for (let n = 0; n < publishers; n++)
    keys.push((await whole.api('POST', '/v1/channels', { slug: `fuzz-${n}`, latency: 'low' })).streamKey)
  return keys
}

const pidsOf = (whole: Whole) => roles.map((role) => whole.rolePids(role).join()).join(' ')

/** Samples the resident memory of ingest and transcoder together. */
function createMemoryMeter(whole: Whole) {
  const pids = ['ingest', 'transcoder'].flatMap((role) => whole.rolePids(role))
  const resident = () => pids.reduce((sum, pid) => sum + residentBytes(pid), 0) / 2 ** 20
  let [before, after, most] = [0, 0, 0]
  const first = resident()
  let timer: NodeJS.Timeout | undefined
  return {
    /**
     * Records the memory that growth is compared with, and starts to sample. Only the first call has an
     * effect.
     */
    begin(): void {
      if (timer !== undefined) return
      before = resident()
      timer = setInterval(() => {
        most = Math.max(most, resident())
      }, sampleMs)
    },
    end(): void {
      clearInterval(timer)
      after = resident()
    },
    figures: (): Figure[] => [
      { name: 'RSS of ingest and transcoder before', value: Math.round(first), unit: 'MB' },
      { name: 'RSS after a tenth of the messages', value: Math.round(before), unit: 'MB' },
      {
        name: 'growth since then, at the highest',
        value: Math.round(most - before),
        unit: 'MB',
        atMost: 100,
      },
      { name: 'growth since then, in the end', value: Math.round(after - before), unit: 'MB', atMost: 100 },
    ],
  }
}

/** Returns how many sessions ended for each reason. `url` is where the ingest serves its metrics. */
async function endFigures(url: string): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const reason of endReasons) {
    const value = await readMetric(url, 'nowcast_ingest_sessions_ended_total', `reason="${reason}"`)
    if (value > 0) figures.push({ name: `sessions ended: ${reason}`, value, unit: '' })
  }
  return figures
}
