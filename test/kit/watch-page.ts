import type { Page } from 'playwright-core'
import { playbackPrefix } from '../../core/playback/media-paths.ts'

declare global {
  interface Window {
    nowcastProgress: { position: number; played: number }
  }
}

/** Maximum time to wait for a state or for playback, ms. Generous, because tests share their cores. */
const timeoutMs = 60_000

/**
 * Waits until the state machine of the watch page is in the state `name`, such as `playing`.
 * @throws Error after `timeoutMs`, with the state that the page is in instead
 */
export async function untilState(page: Page, name: string): Promise<void> {
  const stage = page.locator('#stage')
  try {
    await page.waitForSelector(`#stage[data-state="${name}"]`, { timeout: timeoutMs, state: 'attached' })
  } catch (cause) {
    const state = await stage.getAttribute('data-state')
    throw new Error(`the page did not become ${name}: it is ${state}`, { cause })
  }
}

/**
 * Waits until `seconds` have been played from now on. Only forward steps of less than a second count, because
 * the playback position jumps when the player replaces a playback.
 * @throws Error after `timeoutMs`
 */
export async function untilPlayed(page: Page, seconds: number): Promise<void> {
  await page.evaluate(() => {
    window.nowcastProgress = { position: document.querySelector('video')?.currentTime ?? 0, played: 0 }
  })
  await page.waitForFunction(
    (seconds) => {
      const position = document.querySelector('video')?.currentTime ?? 0
      const step = position - window.nowcastProgress.position
      const played = window.nowcastProgress.played + (step > 0 && step < 1 ? step : 0)
      window.nowcastProgress = { position, played }
      return played >= seconds
    },
    seconds,
    { timeout: timeoutMs },
  )
}

/** Records which edge a watch page uses and how often it loads the multivariant playlist. */
export function followRequests(page: Page) {
  let edge = ''
  let loads = 0
  page.on('request', (request) => {
    const { pathname, origin } = new URL(request.url())
    if (pathname.startsWith(playbackPrefix)) edge = origin
    if (pathname.endsWith('/index.m3u8')) loads += 1
  })
  return {
    /** Origin of the last request for playback; empty before the first. */
    edge: () => edge,
    /** Number of requests for the multivariant playlist. */
    loads: () => loads,
  }
}
