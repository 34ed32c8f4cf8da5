import type { Page } from 'playwright-core'

declare global {
  interface Window {
    nowcastStill: { longestMs: number; movedAt: number; position: number }
  }
}

/** Time between two checks of the position, ms. */
const everyMs = 20

/**
 * Measures from now on the longest time for which the playback position of a page does not change. Returns a
 * function that reads this time, ms. A second call ends the measurement of the first.
 */
export async function watchStillness(page: Page): Promise<() => Promise<number>> {
  await page.evaluate((everyMs) => {
    const video = document.querySelector('video')
    const still = { longestMs: 0, movedAt: performance.now(), position: video?.currentTime ?? 0 }
    window.nowcastStill = still
    const timer = setInterval(() => {
      if (window.nowcastStill !== still) return clearInterval(timer)
      const position = video?.currentTime ?? 0
      still.longestMs = Math.max(still.longestMs, performance.now() - still.movedAt)
      if (position === still.position) return
      still.position = position
      still.movedAt = performance.now()
    }, everyMs)
  }, everyMs)
  return () => page.evaluate(() => window.nowcastStill.longestMs)
}
