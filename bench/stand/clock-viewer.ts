import type { Browser, Page } from 'playwright-core'
import { quantile } from '../figures/statistics.ts'
import { type FrameLog, frameLogOf, installFrameLog, untilFirstFrame } from './frame-log.ts'

/** Measurements of a viewer of a stream whose frames contain the wall clock. */
export interface ClockView {
  /** Time from the creation of the document to the first frame, ms; null when there was none. */
  joinMs: number | null
  /** Glass-to-glass latency of the frames after `settleSeconds`, ms. */
  ageMs: { p50: number; p95: number; max: number }
  /** Times of more than 500 ms from one frame to the next: their number, and their sum, ms. */
  stalls: { times: number; ms: number }
  frames: number
  /** Number of frames after `settleSeconds` whose clock could not be read. */
  unreadable: number
  /** Median latency of each minute, ms. It shows a drift. */
  minutes: number[]
  errors: string[]
}

export interface WatchOptions {
  seconds: number
  /** Time after the first frame in which latency does not count, because the player settles; 5 by default. */
  settleSeconds?: number
  /** Path of the PNG file that gets a screenshot of the page at the end. */
  screenshot?: string
  /** Called when the first frame has been presented. The page stays open until it resolves. */
  onStart?(page: Page): Promise<void>
}

/**
 * Opens a page with a `<video>` and reads the clock of every frame for `options.seconds` after the first, or
 * until `onStart` has resolved if that is later. Rejects when there is no frame within 30 s.
 */
export async function watchClock(
  browser: Browser,
  pageUrl: string,
  options: WatchOptions,
): Promise<ClockView> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, bypassCSP: true })
  try {
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(String(error)))
    await installFrameLog(page)
    await page.goto(pageUrl, { waitUntil: 'commit' })
    await untilFirstFrame(page)
    await Promise.all([options.onStart?.(page), page.waitForTimeout(options.seconds * 1000)])
    if (options.screenshot) await page.screenshot({ path: options.screenshot })
    return { ...evaluate(await frameLogOf(page), (options.settleSeconds ?? 5) * 1000), errors }
  } finally {
    await page.close()
  }
}

function evaluate({ opened, first, frames }: FrameLog, settleMs: number): Omit<ClockView, 'errors'> {
  const settled = frames.filter(({ at }) => at >= first + settleMs)
  const readable = settled.flatMap(({ at, ageMs }) => (ageMs === null || ageMs < 0 ? [] : [{ at, ageMs }]))
  const ages = readable.map(({ ageMs }) => ageMs)
  const gaps = frames.flatMap(({ at }, i) => {
    const gap = at - (frames[i - 1]?.at ?? at)
    return gap > 500 ? [gap] : []
  })
  const byMinute = Map.groupBy(readable, ({ at }) => Math.floor((at - first) / 60_000))
  return {
    joinMs: first ? first - opened : null,
    ageMs: { p50: quantile(ages, 0.5), p95: quantile(ages, 0.95), max: quantile(ages, 1) },
    stalls: { times: gaps.length, ms: gaps.reduce((sum, gap) => sum + gap, 0) },
    frames: frames.length,
    unreadable: settled.length - readable.length,
    minutes: [...byMinute.values()].map((minute) =>
      quantile(
        minute.map(({ ageMs }) => ageMs),
        0.5,
      ),
    ),
  }
}
