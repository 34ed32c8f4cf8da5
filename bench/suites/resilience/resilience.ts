import { setTimeout as delay } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../../../test/kit/browser.ts'
import { createChannelRequests } from '../../../test/kit/channel-requests.ts'
import { readMultivariant } from '../../../test/kit/playlist.ts'
import { waitFor } from '../../../test/kit/wait-for.ts'
import { startWhole, type Whole } from '../../../test/kit/whole.ts'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { keepResult } from '../../figures/result-file.ts'
import type { Figure } from '../../figures/table.ts'
import { publishClock } from '../../stand/clock-publisher.ts'
import { watchClock } from '../../stand/clock-viewer.ts'
import { type RenditionRecord, recordRendition } from '../../stand/rendition-record.ts'
import { type Trouble, troubles } from './troubles.ts'

const slug = 'resilience'
/** Size of the source, which is passed through, pixels. */
const [width, height] = [640, 360]
/** Settings with which the rungs take much CPU to encode, so that a lack of CPU has an effect. */
const encoding = { NOWCAST_LADDER: 'source,324,288,240', NOWCAST_X264_PRESET: 'medium' }
/** Approximate time for which the viewer watches before and after a trouble, ms. */
const calmMs = 5000
/** Length of the longest trouble, seconds. The viewer watches that long during each trouble. */
const troubleSeconds = 20
/** Maximum lag of a rung that counts as recovered, ms: of its newest media behind that of the source. */
const backMs = 3000

/**
 * Watches the passed rendition in Chromium while the ffmpeg of the other renditions is killed, stopped or
 * starved of CPU. Measures whether the picture stalls, and whether playlists get discontinuities or gaps.
 * Arguments: rounds (1).
 */
export async function resilience([rounds = '1']: string[]): Promise<SuiteResult> {
  const whole = await startWhole({ env: encoding })
  const browser = await launchChromium()
  const { streamKey, playback } = await whole.api('POST', '/v1/channels', { slug, latency: 'low' })
  const publisher = publishClock({ url: `${whole.rtmpUrl}/${streamKey}`, width, height, seconds: 3600 })
  try {
    await whole.untilLive(slug)
    const stand = { whole, browser, page: playback.watch, base: `${whole.edgeUrl}/live/${slug}/` }
    const figures: Figure[] = []
    for (let round = 0; round < Number(rounds); round++)
      for (const trouble of troubles) figures.push(...(await endure(stand, trouble)))
    const conditions = `${width}x${height} passed through, rungs below it, latency low`
    return keepResult('resilience', 'Trouble with ffmpeg', { figures }, conditions)
  } finally {
    await browser.close()
    await publisher.stop()
    await whole.stop()
  }
}

interface Stand {
  whole: Whole
  browser: Browser
  /** URL of the watch page of the channel. */
  page: string
  base: string
}

async function endure({ whole, browser, page, base }: Stand, trouble: Trouble): Promise<Figure[]> {
  const { passed, rung, audio } = await urisOf(base)
  await untilTogether(base, passed, rung)
  const seconds = troubleSeconds + (2 * calmMs) / 1000
  const ending = new AbortController()
  const records = Promise.all([passed, audio, rung].map((uri) => recordRendition(base, uri, ending.signal)))
  const runsBefore = await runsOf(whole)
  let foreign = 0
  const viewing = watchClock(browser, page, {
    seconds,
    async onStart(opened) {
      await choosePassed(opened)
      await delay(calmMs - 1000)
      opened.on('request', (request) => {
        if (request.url().includes(`/${nameOf(rung)}/`)) foreign += 1
      })
    },
  })
  await delay(calmMs + 1000)
  await trouble.run(whole)
  const overAt = performance.now()
  await untilTogether(base, passed, rung)
  const backAfterMs = Math.round(performance.now() - overAt)
  const view = await viewing
  ending.abort()
  const [video, sound, encoded] = await records
  const runs = (await runsOf(whole)) - runsBefore
  console.log(
    JSON.stringify({ trouble: trouble.name, view, video, sound, encoded, runs, backAfterMs, foreign }),
  )
  const of = (what: string) => `${trouble.name}: ${what}`
  return [
    { name: of('stalls'), value: view.stalls.times, unit: '', atMost: 0 },
    { name: of('age p50'), value: view.ageMs.p50, unit: 'ms' },
    { name: of('age max'), value: view.ageMs.max, unit: 'ms' },
    { name: of('requests of the viewer for media that is encoded'), value: foreign, unit: '', atMost: 0 },
    ...recordFigures(of('passed video'), video),
    ...recordFigures(of('audio'), sound),
    { name: of('gaps of the rung (it was troubled)'), value: encoded?.gaps ?? 0, unit: '' },
    {
      name: of('longest wait for media of the rung'),
      value: Math.round(encoded?.longestWaitMs ?? 0),
      unit: 'ms',
    },
    { name: of('new runs of ffmpeg'), value: runs, unit: '' },
    { name: of('the rungs are back after'), value: backAfterMs, unit: 'ms' },
  ]
}

function recordFigures(name: string, record: RenditionRecord | undefined): Figure[] {
  if (record === undefined) return []
  const { discontinuities, gaps, missing, dateStepMs, longestWaitMs, failures } = record
  return [
    { name: `${name}: discontinuities`, value: discontinuities, unit: '', atMost: 0 },
    { name: `${name}: gaps and missing segments`, value: gaps + missing + failures, unit: '', atMost: 0 },
    { name: `${name}: largest step between dates`, value: Math.round(dateStepMs), unit: 'ms', atMost: 1 },
    { name: `${name}: longest wait for a part`, value: Math.round(longestWaitMs), unit: 'ms', atMost: 800 },
  ]
}

/** Returns the name of a rendition, which is the file name of its playlist. */
const nameOf = (uri: string) => /([^/]+)\.m3u8/.exec(uri)?.[1] ?? uri

async function urisOf(base: string) {
  const find = async () => {
    const { variants, media } = readMultivariant(await (await fetch(`${base}index.m3u8`)).text())
    const uriOf = (isPassed: boolean) =>
      variants.find(({ attributes }) => {
        const size = attributes.get('RESOLUTION')
        return size !== undefined && (size === `${width}x${height}`) === isPassed
      })?.uri
    const [passed, rung, audio] = [uriOf(true), uriOf(false), media[0]?.get('URI')]
    return passed && rung && audio ? { passed, rung, audio } : false
  }
  return waitFor('a rendition passed through, one encoded, and audio', find)
}

/** Resolves when the newest segment of the rung is less than `backMs` behind that of the passed rendition. */
async function untilTogether(base: string, passed: string, rung: string): Promise<void> {
  const { playlistAt } = createChannelRequests(base)
  const newestDate = async (uri: string) => {
    const last = (await playlistAt(uri)).playlist.segments.findLast(({ uri, gap }) => uri && !gap)
    return last?.programDateTime === undefined ? 0 : last.programDateTime + last.duration * 1000
  }
  await waitFor(
    'the rungs to be back',
    async () => (await newestDate(passed)) - (await newestDate(rung)) < backMs,
    { timeoutMs: 60_000, everyMs: 250 },
  )
}

/**
 * Chooses the passed rendition as the menu of the watch page does.
 * @throws Error when it is not on offer
 */
async function choosePassed(page: Page): Promise<void> {
  await page.evaluate((height) => {
    interface Offer extends Iterable<{ height: number }> {
      selectedIndex: number
    }
    const { videoRenditions } = document.querySelector('video') as unknown as { videoRenditions: Offer }
    videoRenditions.selectedIndex = [...videoRenditions].findIndex((each) => each.height === height)
    if (videoRenditions.selectedIndex < 0) throw new Error(`no rendition of ${height} lines is on offer`)
  }, height)
}

/** Returns how often the transcoder has started ffmpeg, from its metrics. */
async function runsOf(whole: Whole): Promise<number> {
  const [, runs] =
    /^nowcast_transcoder_ffmpeg_runs_total\S* (\d+)/m.exec(await whole.metrics('transcoder')) ?? []
  return Number(runs)
}
