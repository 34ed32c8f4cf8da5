import { launchChromium } from '../../test/kit/browser.ts'
import { startWhole, type Whole } from '../../test/kit/whole.ts'
import type { SuiteResult } from '../figures/figure-file.ts'
import { keepResult } from '../figures/result-file.ts'
import { type Figure, repeated } from '../figures/table.ts'
import { publishClock } from '../stand/clock-publisher.ts'
import { type ClockView, watchClock } from '../stand/clock-viewer.ts'

/** Maximum glass-to-glass latencies by latency class, ms. */
const bounds = {
  low: { p50: 1400, p95: 1600 },
  ultra: { p50: 900, p95: 1100 },
} as const
const maxJoinMs = 700

/**
 * Measures viewers who watch a stream with the wall clock in its picture on the watch page, one after
 * another. Latencies and join times are medians of the runs. Arguments: latency (`low` or `ultra`; low), runs
 * (5), seconds (60).
 *
 * @throws Error when the latency is neither `low` nor `ultra`
 */
export async function glass([latency = 'low', runs = '5', seconds = '60']: string[]): Promise<SuiteResult> {
  if (latency !== 'low' && latency !== 'ultra') throw new Error('the latency is low or ultra')
  const whole = await startWhole()
  try {
    const views: ClockView[] = []
    for (let run = 0; run < Number(runs); run++) {
      const view = await oneViewer(whole, `glass-${run}`, latency, Number(seconds))
      console.log(JSON.stringify(view))
      views.push(view)
    }
    const { p50, p95 } = bounds[latency]
    const of = (name: string, atMost: number, pick: (view: ClockView) => number) =>
      repeated(name, 'ms', views.map(pick), { atMost })
    const figures: Figure[] = [
      of('glass to glass, p50', p50, ({ ageMs }) => ageMs.p50),
      of('glass to glass, p95', p95, ({ ageMs }) => ageMs.p95),
      of('join time', maxJoinMs, ({ joinMs }) => joinMs ?? Number.POSITIVE_INFINITY),
      {
        name: 'stalls in all runs',
        value: views.reduce((sum, { stalls }) => sum + stalls.times, 0),
        unit: '',
        atMost: 0,
      },
    ]
    return keepResult(
      `glass-${latency}`,
      `Glass-to-glass latency and join time in Chromium, latency class ${latency}`,
      { figures },
      `medians of ${runs} viewers, ${seconds} s each`,
    )
  } finally {
    await whole.stop()
  }
}

async function oneViewer(whole: Whole, slug: string, latency: string, seconds: number): Promise<ClockView> {
  const { streamKey, playback } = await whole.api('POST', '/v1/channels', { slug, latency })
  const publisher = publishClock({
    url: `${whole.rtmpUrl}/${streamKey}`,
    gopSeconds: 2,
    seconds: seconds + 30,
  })
  const browser = await launchChromium()
  try {
    await whole.untilLive(slug)
    await new Promise((resolve) => setTimeout(resolve, 6000))
    return await watchClock(browser, playback.watch, { seconds })
  } finally {
    await browser.close()
    await publisher.stop()
  }
}
