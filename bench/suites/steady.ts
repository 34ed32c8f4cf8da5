import { setTimeout as delay } from 'node:timers/promises'
import { launchChromium } from '../../test/kit/browser.ts'
import { startWhole, type Whole } from '../../test/kit/whole.ts'
import { cpuSeconds, residentBytes } from '../figures/process-figures.ts'
import { type Figure, figureTable } from '../figures/table.ts'
import { publishClock } from '../stand/clock-publisher.ts'
import { watchClock } from '../stand/clock-viewer.ts'

const roles = ['ingest', 'transcoder', 'edge', 'manager'] as const
const sampleMs = 5000
/** Time from which on memory is compared, ms. Until then caches fill. */
const warmMs = 180_000

/**
 * One 720p30 channel with a viewer. Does the latency drift, does memory grow, and how much CPU does the
 * transcoder use in comparison with its ffmpeg? Arguments: minutes (15).
 */
export async function steady([minutes = '15']: string[]): Promise<string> {
  const seconds = Number(minutes) * 60
  const whole = await startWhole()
  const { streamKey, playback } = await whole.api('POST', '/v1/channels', { slug: 'steady' })
  const publisher = publishClock({
    url: `${whole.rtmpUrl}/${streamKey}`,
    width: 1280,
    height: 720,
    kbps: 3000,
    seconds: seconds + 60,
  })
  const browser = await launchChromium()
  const ending = new AbortController()
  try {
    await whole.untilLive('steady')
    await delay(5000)
    const memory = sampleMemory(whole, ending.signal)
    const cpuBefore = cpuOf(whole)
    const view = await watchClock(browser, playback.watch, { seconds })
    const cpu = cpuDifference(cpuBefore, cpuOf(whole))
    ending.abort()
    console.log(JSON.stringify(view))
    return figureTable([
      {
        name: 'drift of the median age over the minutes',
        value: spread(view.minutes.slice(1)),
        unit: 'ms',
        atMost: 200,
      },
      { name: 'stalls', value: view.stalls.times, unit: '', atMost: 0 },
      {
        name: 'transcoder CPU ÷ its ffmpeg',
        value: (100 * cpu.transcoder) / cpu.ffmpeg,
        unit: '%',
        atMost: 5,
      },
      ...(await packagerFigure(whole)),
      ...memoryFigures(await memory),
    ])
  } finally {
    ending.abort()
    await browser.close()
    await publisher.stop()
    await whole.stop()
  }
}

const spread = (values: number[]) => (values.length < 2 ? 0 : Math.max(...values) - Math.min(...values))

interface Cpu {
  transcoder: number
  ffmpeg: number
}

function cpuOf(whole: Whole): Cpu {
  const sum = (pids: number[]) => pids.reduce((total, pid) => total + cpuSeconds(pid), 0)
  return { transcoder: sum(whole.rolePids('transcoder')), ffmpeg: sum(whole.ffmpegPids()) }
}

const cpuDifference = (before: Cpu, after: Cpu): Cpu => ({
  transcoder: after.transcoder - before.transcoder,
  ffmpeg: after.ffmpeg - before.ffmpeg,
})

interface MemorySample {
  at: number
  bytes: number
}

async function sampleMemory(whole: Whole, signal: AbortSignal): Promise<Map<string, MemorySample[]>> {
  const samples = new Map<string, MemorySample[]>(roles.map((role) => [role, []]))
  const start = Date.now()
  while (!signal.aborted) {
    for (const role of roles) {
      const bytes = whole.rolePids(role).reduce((total, pid) => total + residentBytes(pid), 0)
      samples.get(role)?.push({ at: Date.now() - start, bytes })
    }
    await delay(sampleMs, undefined, { signal }).catch(() => {})
  }
  return samples
}

/**
 * For each role, the largest deviation of the mean memory of a minute from that of the first minute after
 * `warmMs`.
 */
function memoryFigures(samples: Map<string, MemorySample[]>): Figure[] {
  return roles.flatMap((role) => {
    const warm = (samples.get(role) ?? []).filter(({ at }) => at >= warmMs)
    const minutes = [...Map.groupBy(warm, ({ at }) => Math.floor(at / 60_000)).values()].map(
      (minute) => minute.reduce((sum, { bytes }) => sum + bytes, 0) / minute.length,
    )
    const [first] = minutes
    if (first === undefined) return []
    const growth = Math.max(...minutes.map((bytes) => Math.abs(bytes / first - 1))) * 100
    const name = `RSS of ${role}, change after 3 min (${Math.round(first / 2 ** 20)} MB then)`
    return [{ name, value: growth, unit: '%', atMost: 10 }]
  })
}

/**
 * The 95th percentile of what the packager adds to the age of a part, as the upper bound of its bucket in the
 * histogram.
 */
async function packagerFigure(whole: Whole): Promise<Figure[]> {
  const text = await whole.metrics('transcoder')
  const buckets = [
    ...text.matchAll(/^nowcast_packager_part_delay_seconds_bucket\{.*?le="([^"]+)".*?\} (\d+)/gm),
  ].map(([, le = '', count = '']) => ({
    seconds: Number(le.replace('+Inf', 'Infinity')),
    count: Number(count),
  }))
  const total = Math.max(0, ...buckets.map(({ count }) => count))
  const bucket = buckets.find(({ count }) => count >= 0.95 * total)
  return bucket
    ? [
        {
          name: 'packager adds to the age of a part, p95 at most',
          value: bucket.seconds * 1000,
          unit: 'ms',
          atMost: 10,
        },
      ]
    : []
}
