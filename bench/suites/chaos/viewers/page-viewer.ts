import { createPoll } from '../../../../core/mechanisms/poll.ts'
import { playbackPrefix } from '../../../../core/playback/media-paths.ts'
import { launchChromium } from '../../../../test/kit/browser.ts'
import { installFrameLog, stallMs, untilFirstFrame } from '../../../stand/frame-log.ts'
import type { Stall } from './stall.ts'

/** No clock is read in the frames, because only the times of the frames matter. */
const clockEvery = 1_000_000
/** Time between two reads of the frames, which empty the page's log, ms. */
const readEveryMs = 1000

/** Opens the watch page of a channel in Chromium, and notes each time without a new frame. */
export async function openPageViewer(watchUrl: string, slug: string) {
  const browser = await launchChromium([], false)
  const stalls: Stall[] = []
  let [lastFrameAt, beganAt, loads] = [0, Date.now(), -1]
  let edge = ''
  const page = await browser.newPage({ viewport: { width: 640, height: 480 } })
  page.on('load', () => {
    loads += 1
  })
  page.on('request', (request) => {
    const { pathname, host } = new URL(request.url())
    if (pathname.startsWith(playbackPrefix)) edge = host
  })

  async function readFrames() {
    const times = await page.evaluate(() => window.nowcastFrames.frames.splice(0).map(({ at }) => at))
    for (const at of times) {
      if (lastFrameAt > 0) noteStall(at)
      lastFrameAt = at
    }
  }
  function noteStall(to: number) {
    if (to - lastFrameAt >= stallMs) stalls.push({ viewer: 'Chromium', slug, from: lastFrameAt, to })
  }

  try {
    await installFrameLog(page, clockEvery)
    await page.goto(watchUrl, { waitUntil: 'commit' })
    await untilFirstFrame(page)
  } catch (error) {
    await browser.close()
    throw error
  }
  const reading = createPoll(readFrames, { everyMs: readEveryMs })
  return {
    stalls: stalls as readonly Stall[],
    /** Host and port of the edge in use. */
    get edge() {
      return edge
    },
    /** Number of times that the page was loaded again. */
    get reloads() {
      return Math.max(0, loads)
    },
    /** Returns the time since the last frame, ms, as far as it was read. */
    stillMs: () => Date.now() - lastFrameAt,
    /** Forgets the stalls so far. */
    begin(): void {
      stalls.length = 0
      beganAt = Date.now()
    },
    /** Returns the time since `begin`, ms. */
    watchedMs: () => Date.now() - beganAt,
    /** Notes the present stall, if there is one, and reads no more. */
    async end(): Promise<void> {
      await reading.close()
      await readFrames().catch(() => {})
      noteStall(Date.now())
    },
    async close(): Promise<void> {
      await reading.close()
      await browser.close()
    },
  }
}
