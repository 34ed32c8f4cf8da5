import type { Page } from 'playwright-core'
import { playbackPrefix } from '../../core/playback/media-paths.ts'

declare global {
  interface Window {
    nowcastProgress: { position: number; played: number }
  }
}

/** Maximum time to wait for a state or for playback, ms. It is generous, because tests share their cores. */
const timeoutMs = 60_000

/**
 * Waits until the watch page is in a state of its state machine, such as `playing`.
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
 * Waits until `seconds` of media have been played from now on. Only steps of the playhead of less than a
 * second count: it may jump when a playback is replaced.
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

/**
 * Records which edge a watch page uses, how often it loads the multivariant playlist, and what it hears from
 * the steering server.
 */
export function followRequests(page: Page) {
  let edge = ''
  let loads = 0
  const steering: string[] = []
  const startedAt = Date.now()
  const note = (url: string, what: string) => {
    if (new URL(url).pathname.includes('/steering/')) steering.push(`${Date.now() - startedAt} ms: ${what}`)
  }
  page.on('request', (request) => {
    const { pathname, origin } = new URL(request.url())
    if (pathname.startsWith(playbackPrefix)) edge = origin
    if (pathname.endsWith('/index.m3u8')) loads += 1
    note(request.url(), 'request')
  })
  page.on('requestfailed', (request) => note(request.url(), request.failure()?.errorText ?? 'failed'))
  page.on('response', (response) => note(response.url(), `status ${response.status()}`))
  return {
    /** Returns scheme, host and port of the last request for playback; empty before the first one. */
    edge: () => edge,
    loads: () => loads,
    /** Returns the requests to the steering server so far, with the time of each since the start. */
    steering: () => steering.join(', '),
  }
}
