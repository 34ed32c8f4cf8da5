import { setTimeout as delay } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../../../test/kit/browser.ts'
import { startWhole, type Whole } from '../../../test/kit/whole.ts'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { keepResult } from '../../figures/result-file.ts'
import { type Figure, repeated } from '../../figures/table.ts'
import { publishClock } from '../../stand/clock-publisher.ts'
import { type ClockView, watchClock } from '../../stand/clock-viewer.ts'
import { servePlainPage } from './plain-page.ts'

/** Keyframe interval, s: about the default of x264 in OBS, which is 250 frames. */
const gopSeconds = 8
/** Time from the first frame of the show until the late viewer joins, ms. */
const lateMs = 30_000
/** Time from a viewer's first frame until latency counts, and the time for which it counts, s. */
const [settleSeconds, measureSeconds] = [8, 2]
/** Maximum time by which the early viewer may be further behind than the late one, ms. */
const maxDifferenceMs = 500

/** Measurements of one viewer of a show. */
interface ShowView extends ClockView {
  /** Errors that hls.js reported. Only the page with hls.js alone records them. */
  hlsErrors: string[]
}

/** Measurements of both viewers of a show. */
interface Show {
  early: ShowView
  late: ShowView
}

/**
 * Measures two viewers of a show with a long GOP: one joins in its first second, the other 30 s later. Each
 * run does this on the watch page and with hls.js alone, for the first and the second show of a channel. At
 * the second show, nowcast already knows the length of the GOP. Arguments: runs (3).
 */
export async function firstSeconds([runs = '3']: string[]): Promise<SuiteResult> {
  const whole = await startWhole({ env: { NOWCAST_LADDER: 'source,240' } })
  const browser = await launchChromium()
  const plain = await servePlainPage()
  const shows = new Map<string, Show[]>()
  try {
    for (let run = 0; run < Number(runs); run++)
      for (const player of ['watch page', 'hls.js'] as const) {
        const slug = `${player.replace(/\W/g, '-')}-${run}`
        const { streamKey, playback } = await whole.api('POST', '/v1/channels', { slug, latency: 'low' })
        const page =
          player === 'hls.js' ? plain.urlFor(`${whole.edgeUrl}/live/${slug}/index.m3u8`) : playback.watch
        for (const occasion of ['first show', 'second show']) {
          const show = await oneShow(whole, browser, { slug, streamKey, page })
          console.log(JSON.stringify({ player, occasion, ...show }))
          const name = `${player}, ${occasion}`
          shows.set(name, [...(shows.get(name) ?? []), show])
        }
      }
  } finally {
    await browser.close()
    await plain.close()
    await whole.stop()
  }
  const figures = [...shows].flatMap(([name, each]) => showFigures(name, each))
  const conditions = `medians of ${runs} shows, 640x360, GOP ${gopSeconds} s, one rung, latency low`
  return keepResult('first-seconds', 'Viewers who join early', { figures }, conditions)
}

async function oneShow(
  whole: Whole,
  browser: Browser,
  { slug, streamKey, page }: { slug: string; streamKey: string; page: string },
): Promise<Show> {
  const publisher = publishClock({ url: `${whole.rtmpUrl}/${streamKey}`, gopSeconds, seconds: 120 })
  try {
    await whole.untilLive(slug)
    const early = await watch(browser, page)
    await delay(publisher.firstFrameAt + lateMs - Date.now())
    return { early, late: await watch(browser, page) }
  } finally {
    await publisher.stop()
    await untilEnded(whole, slug)
  }
}

async function watch(browser: Browser, page: string): Promise<ShowView> {
  const seconds = settleSeconds + measureSeconds
  let hlsErrors: string[] = []
  const view = await watchClock(browser, page, {
    seconds,
    settleSeconds,
    async onStart(opened) {
      await delay(seconds * 1000)
      hlsErrors = await opened.evaluate(() => window.hlsErrors ?? [])
    },
  })
  return { ...view, hlsErrors }
}

/** Waits until a show has ended and its playlist is gone: viewers of the next show must not get it. */
async function untilEnded(whole: Whole, slug: string): Promise<void> {
  for (;;) {
    const { live } = await whole.api<{ live: unknown }>('GET', `/v1/channels/${slug}`)
    if (!live && !(await fetch(`${whole.edgeUrl}/live/${slug}/index.m3u8`)).ok) return
    await delay(250)
  }
}

function showFigures(name: string, shows: readonly Show[]): Figure[] {
  const of = (what: string, pick: (show: Show) => number) =>
    repeated(`${name}: ${what}`, 'ms', shows.map(pick), { better: 'lower' })
  const sum = (pick: (show: Show) => number) => shows.reduce((total, show) => total + pick(show), 0)
  const join = (view: ClockView) => view.joinMs ?? Number.POSITIVE_INFINITY
  return [
    of('join time of the early viewer', ({ early }) => join(early)),
    of('join time of the late viewer', ({ late }) => join(late)),
    of('age of the early viewer', ({ early }) => early.ageMs.p50),
    of('age of the late viewer', ({ late }) => late.ageMs.p50),
    {
      ...of('the early viewer is further behind by', ({ early, late }) => early.ageMs.p50 - late.ageMs.p50),
      atMost: maxDifferenceMs,
    },
    {
      name: `${name}: stalls of both`,
      value: sum(({ early, late }) => early.stalls.times + late.stalls.times),
      unit: '',
      atMost: 0,
    },
    {
      name: `${name}: errors of hls.js and of the page`,
      value: sum(({ early, late }) =>
        [early, late].reduce((count, { errors, hlsErrors }) => count + errors.length + hlsErrors.length, 0),
      ),
      unit: '',
      atMost: 0,
    },
  ]
}
