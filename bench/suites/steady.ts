import { setTimeout as delay } from 'node:timers/promises'
import { launchChromium } from '../../test/kit/browser.ts'
import { startWhole, type Whole } from '../../test/kit/whole.ts'
import { resultOf, type SuiteResult } from '../figures/figure-file.ts'
import { cpuSeconds } from '../figures/process-figures.ts'
import { memoryFigures, sampleRoleMemory } from '../figures/role-memory.ts'
import type { Figure } from '../figures/table.ts'
import { publishClock } from '../stand/clock-publisher.ts'
import { watchClock } from '../stand/clock-viewer.ts'

/**
 * Measures one 720p30 channel with a viewer for some time: the drift of the latency, the growth of memory,
 * and the CPU of the transcoder in comparison with its ffmpeg. Argument: minutes, 15 by default.
 */
export async function steady([minutes = '15']: string[]): Promise<SuiteResult> {
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
    const memory = sampleRoleMemory(whole, ending.signal)
    const cpuBefore = cpuOf(whole)
    const view = await watchClock(browser, playback.watch, { seconds })
    const cpu = cpuDifference(cpuBefore, cpuOf(whole))
    ending.abort()
    console.log(JSON.stringify(view))
    return resultOf([
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

/**
 * Returns the 95th percentile of the time that the packager adds to the age of a part, rounded up to a bucket
 * bound of the histogram.
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
