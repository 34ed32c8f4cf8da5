import type { Browser } from 'playwright-core'
import { frameLogOf, installFrameLog, stallMs, untilFirstFrame } from '../../stand/frame-log.ts'
import type { ViewerKind } from '../../viewer/viewer-options.ts'

/** What a viewer experienced, real or simulated. */
export interface Experience {
  kind: ViewerKind
  /** Time from the first request at the edge to the first frame, ms; Infinity when there was none. */
  joinMs: number
  /** Share of the time after the first frame without a new picture, 0..1. */
  stalledShare: number
  /** Latency to live by the dates of the playlist, ms, one sample a second. */
  latenciesMs: readonly number[]
}

/** Reading clocks costs CPU time, and the dates of the playlist show the latency. */
const noClock = 1e9

declare global {
  interface Window {
    hls?: { playingDate: Date | null }
    nowcastWitness: { requestedAt: number; latencies: number[] }
  }
}

/**
 * Opens a real player in Chromium, with a cache of its own, and watches until `untilEnd` resolves.
 * `edgeUrl` is the origin of the edge, whose first request begins the join.
 */
export async function watchAsWitness(
  browser: Browser,
  {
    kind,
    url,
    edgeUrl,
    untilEnd,
  }: { kind: ViewerKind; url: string; edgeUrl: string; untilEnd: Promise<void> },
): Promise<Experience> {
  const context = await browser.newContext({ viewport: { width: 400, height: 300 }, bypassCSP: true })
  try {
    const page = await context.newPage()
    await installFrameLog(page, noClock)
    await page.addInitScript(observe, edgeUrl)
    const reported: number[] = []
    page.on('request', (request) => {
      const [, ltc] = /[,=]ltc=(\d+)/.exec(decodeURIComponent(request.url())) ?? []
      if (ltc !== undefined) reported.push(Number(ltc))
    })
    await page.goto(url, { waitUntil: 'commit' })
    await untilFirstFrame(page)
    await untilEnd
    const { first, frames } = await frameLogOf(page)
    const { requestedAt, latencies } = await page.evaluate(() => window.nowcastWitness)
    return {
      kind,
      joinMs: first - requestedAt,
      stalledShare: stalledShareOf(frames.map(({ at }) => at)),
      latenciesMs: kind === 'page' ? reported : latencies,
    }
  } finally {
    await context.close()
  }
}

/**
 * Notes when the first request to the edge began, Unix time in ms, and the latency of hls.js once a second.
 * Playwright runs it inside the page.
 */
function observe(edgeUrl: string) {
  const noted = { requestedAt: Number.POSITIVE_INFINITY, latencies: [] as number[] }
  window.nowcastWitness = noted
  const observer = new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries())
      if (name.startsWith(edgeUrl))
        noted.requestedAt = Math.min(noted.requestedAt, performance.timeOrigin + startTime)
  })
  observer.observe({ type: 'resource', buffered: true })
  setInterval(() => {
    const shown = window.hls?.playingDate?.getTime()
    if (shown !== undefined) noted.latencies.push(Date.now() - shown)
  }, 1000)
}

function stalledShareOf(times: readonly number[]): number {
  const [first = 0, last = 0] = [times[0], times.at(-1)]
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at))
  const stalled = gaps.filter((gap) => gap >= stallMs).reduce((sum, gap) => sum + gap, 0)
  return last === first ? 0 : stalled / (last - first)
}
