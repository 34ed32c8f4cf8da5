import type { Page } from 'playwright-core'
import { launchChromium } from '../../../test/kit/browser.ts'
import { frameLogOf, installFrameLog, untilFirstFrame } from '../../stand/frame-log.ts'
import { servePlayerPages } from '../../stand/player-pages.ts'

export const viewerNames = ['watch page', 'hls.js'] as const
type ViewerName = (typeof viewerNames)[number]

/** Time without a new frame. Both are Unix times, ms. */
export interface Pause {
  from: number
  to: number
}

/** No clock is read in the frames of a run, because only the times of the frames matter. */
const clockEvery = 1_000_000

/** Opens both viewers of a show, and waits until they play. */
export async function openViewers({ watchUrl, playlistUrl }: { watchUrl: string; playlistUrl: string }) {
  const browser = await launchChromium()
  const pages = await servePlayerPages(playlistUrl)
  const urls: Record<ViewerName, string> = { 'watch page': watchUrl, 'hls.js': pages.urlOf('hlsjs') }
  let beganAt = 0
  let reloads = 0

  async function open(name: ViewerName): Promise<[ViewerName, Page]> {
    const page = await browser.newPage({ viewport: { width: 960, height: 540 } })
    await installFrameLog(page, clockEvery)
    await page.goto(urls[name], { waitUntil: 'commit' })
    await untilFirstFrame(page)
    page.on('load', () => {
      reloads += 1
    })
    return [name, page]
  }

  async function close() {
    await browser.close()
    pages.close()
  }

  const opened = await Promise.all(viewerNames.map(open)).catch(async (error: unknown) => {
    await close()
    throw error
  })
  return {
    /** Begins to look for pauses. */
    begin(): void {
      beganAt = Date.now()
      reloads = 0
    },
    get reloads() {
      return reloads
    },
    /** Returns the longest pause of each viewer since `begin`. */
    async longestPauses(): Promise<Record<ViewerName, Pause>> {
      const pauses = opened.map(async ([name, page]) => [name, await longestPause(page, beganAt)] as const)
      return Object.fromEntries(await Promise.all(pauses)) as Record<ViewerName, Pause>
    },
    [Symbol.asyncDispose]: close,
  }
}

async function longestPause(page: Page, since: number): Promise<Pause> {
  const { frames } = await frameLogOf(page)
  const times = [...frames.map(({ at }) => at).filter((at) => at >= since), Date.now()]
  let longest: Pause = { from: since, to: since }
  let from = since
  for (const to of times) {
    if (to - from > longest.to - longest.from) longest = { from, to }
    from = to
  }
  return longest
}
