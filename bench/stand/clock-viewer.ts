import type { Browser, Page } from 'playwright-core'
import { quantile } from '../figures/statistics.ts'
import { clockColumns, clockModulus, clockRows } from './clock-picture.ts'

/** Measurements of a viewer of a stream whose frames contain the wall clock. */
export interface ClockView {
  /** Time from navigation to the first frame, ms; null when there was none. */
  joinMs: number | null
  /** Glass-to-glass latency after the time for settling, ms. */
  ageMs: { p50: number; p95: number; max: number }
  /** Periods of more than 500 ms without a new frame: their number, and their sum, ms. */
  stalls: { times: number; ms: number }
  frames: number
  /** Number of frames after the time for settling whose clock could not be read. */
  unreadable: number
  /** Median latency of each minute, ms; it would show a drift. */
  minutes: number[]
  errors: string[]
}

export interface WatchOptions {
  seconds: number
  /** Time after the first frame during which latency does not count, seconds; 5 by default. */
  settleSeconds?: number
  /** Path of a PNG of the page at the end. */
  screenshot?: string
  /** Called when the first frame has been presented. */
  onStart?(page: Page): Promise<void>
}

interface Samples {
  opened: number
  first: number
  /** Time of each frame and its age, ms. The age is -1 when the clock in the frame could not be read. */
  samples: [number, number][]
}

declare global {
  interface Window {
    nowcastGlass: Samples
  }
}

/**
 * Opens a page with a `<video>` and reads the clock of every frame for `options.seconds` after the first.
 * Rejects when there is no frame within 30 s.
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
    await page.addInitScript(readFrames, { columns: clockColumns, rows: clockRows, modulus: clockModulus })
    await page.goto(pageUrl, { waitUntil: 'commit' })
    await page.waitForFunction(() => window.nowcastGlass.first > 0, undefined, { timeout: 30_000 })
    await Promise.all([options.onStart?.(page), page.waitForTimeout(options.seconds * 1000)])
    if (options.screenshot) await page.screenshot({ path: options.screenshot })
    return { ...evaluate(await samplesOf(page), (options.settleSeconds ?? 5) * 1000), errors }
  } finally {
    await page.close()
  }
}

const samplesOf = (page: Page) => page.evaluate(() => window.nowcastGlass)

function evaluate({ opened, first, samples }: Samples, settleMs: number): Omit<ClockView, 'errors'> {
  const settled = samples.filter(([at]) => at >= first + settleMs)
  const readable = settled.filter(([, age]) => age >= 0)
  const ages = readable.map(([, age]) => age)
  const gaps = samples.flatMap(([at], i) => {
    const gap = at - (samples[i - 1]?.[0] ?? at)
    return gap > 500 ? [gap] : []
  })
  const byMinute = Map.groupBy(readable, ([at]) => Math.floor((at - first) / 60_000))
  return {
    joinMs: first ? first - opened : null,
    ageMs: { p50: quantile(ages, 0.5), p95: quantile(ages, 0.95), max: quantile(ages, 1) },
    stalls: { times: gaps.length, ms: gaps.reduce((sum, gap) => sum + gap, 0) },
    frames: samples.length,
    unreadable: settled.length - readable.length,
    minutes: [...byMinute.values()].map((minute) =>
      quantile(
        minute.map(([, age]) => age),
        0.5,
      ),
    ),
  }
}

/**
 * Reads the clocks. It runs inside the page, before the page's own scripts, so it cannot use anything else of
 * this file.
 */
function readFrames({ columns, rows, modulus }: { columns: number; rows: number; modulus: number }) {
  const glass: Samples = { opened: Date.now(), first: 0, samples: [] }
  window.nowcastGlass = glass
  const width = 160
  const height = 90
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d', { willReadFrequently: true })

  function read(): number {
    const data = context?.getImageData(0, 0, width, height).data
    if (!data) return -1
    const words: number[] = []
    for (let row = 0; row < rows; row++) {
      let word = 0
      for (let column = 0; column < columns; column++) {
        const x = Math.floor((width * (column + 0.5)) / columns)
        const y = Math.floor((height * (row + 0.5)) / (2 * rows))
        const at = 4 * (y * width + x)
        word = word * 2 + ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0) > 384 ? 1 : 0)
      }
      words.push(word)
    }
    const [high = 0, low = 0, check = 0] = words
    return (high ^ low) === check ? high * 65_536 + low : -1
  }

  function attach(video: HTMLVideoElement) {
    const onFrame = () => {
      const now = Date.now()
      glass.first ||= now
      context?.drawImage(video, 0, 0, width, height)
      const clock = read()
      glass.samples.push([now, clock < 0 ? -1 : ((now % modulus) - clock + modulus) % modulus])
      video.requestVideoFrameCallback(onFrame)
    }
    video.requestVideoFrameCallback(onFrame)
  }

  const timer = setInterval(() => {
    const video = document.querySelector('video')
    if (!video) return
    clearInterval(timer)
    attach(video)
  }, 10)
}
