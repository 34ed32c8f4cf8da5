import type { Browser, Page } from 'playwright-core'
import { machineLoad } from '../../figures/machine-load.ts'
import { createSchedule } from '../../link/conditions.ts'
import { createLink, type LinkFigures } from '../../link/link.ts'
import { frameLogOf, installFrameLog, untilFirstFrame } from '../../stand/frame-log.ts'
import type { Profile } from './profiles.ts'
import type { Stage } from './stages.ts'
import { noPicture, type ViewFigures, viewFigures } from './view-figures.ts'

/** Number of frames of which one has its clock read, because reading costs CPU time. */
const clockEvery = 6

/** What one viewer experienced, and what it was measured with. */
export interface NetworkRun extends ViewFigures {
  link: LinkFigures
  /** Share of the machine's CPU time that was in use, 0..1. */
  busy: number
  /** Share of the frames that the browser decoded too late to show, 0..1. */
  droppedShare: number
  /** Number of times that the page was loaded again. */
  reloads: number
  /** Number of responses through the link with a status of 400 or more. */
  refusals: number
  errors: string[]
}

export interface ViewerOptions {
  stage: Stage
  player: string
  profile: Profile
  seconds: number
  seed: number
}

/**
 * Opens a player's page through a new link, for `seconds` after its first frame. Without a frame in 30 s, it
 * ends with `noPicture`.
 */
export async function watchNetwork(browser: Browser, options: ViewerOptions): Promise<NetworkRun> {
  const { stage, player, profile, seconds, seed } = options
  const page = await browser.newPage({
    viewport: { width: 1280, height: 800 },
    bypassCSP: true,
    ignoreHTTPSErrors: true,
  })
  try {
    const notes = takeNotes(page, stage)
    await slowDown(page, profile.cpuSlowdown)
    await installFrameLog(page, clockEvery)
    const schedule = createSchedule(profile.schedule)
    const link = createLink(schedule, seed)
    const load = machineLoad()
    stage.proxy.use(link)
    const linkedAt = Date.now()
    await page.goto(stage.urlOf(player), { waitUntil: 'commit', timeout: 60_000 })
    const hasBegun = await untilFirstFrame(page).then(
      () => true,
      () => false,
    )
    if (hasBegun) await page.waitForTimeout(seconds * 1000)
    const { requests, refusals, errors } = notes
    // Reading the log takes time, in which no frame is logged.
    const endedAt = Date.now()
    const facts = { log: await frameLogOf(page), linkedAt, endedAt, requests }
    // A page that was loaded again has a new log, in which there may be no frame yet.
    const figures =
      facts.log.first > 0
        ? viewFigures({ ...facts, schedule, ladder: stage.ladder, dip: profile.dip })
        : noPicture(requests.length)
    const [busy, droppedShare] = [load(), await droppedShareOf(page)]
    return {
      ...figures,
      link: link.figures(),
      busy,
      droppedShare,
      reloads: notes.loads - 1,
      refusals,
      errors,
    }
  } finally {
    await page.close()
  }
}

/** Records the errors and the loads of a page from now on, and its requests and refusals through the link. */
function takeNotes(page: Page, { linkOrigins }: Stage) {
  const notes = { requests: [] as number[], loads: 0, refusals: 0, errors: [] as string[] }
  page.on('pageerror', (error) => notes.errors.push(String(error)))
  page.on('request', (request) => {
    if (linkOrigins.includes(new URL(request.url()).origin)) notes.requests.push(Date.now())
  })
  page.on('response', (response) => {
    if (response.status() >= 400 && linkOrigins.includes(new URL(response.url()).origin)) notes.refusals += 1
  })
  page.on('framenavigated', (frame) => {
    if (frame === page.mainFrame()) notes.loads += 1
  })
  return notes
}

/** Makes the main thread of a page slower by a factor. */
async function slowDown(page: Page, rate = 1): Promise<void> {
  if (rate === 1) return
  const devTools = await page.context().newCDPSession(page)
  await devTools.send('Emulation.setCPUThrottlingRate', { rate })
}

const droppedShareOf = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const quality = document.querySelector('video')?.getVideoPlaybackQuality()
    return quality === undefined ? 0 : quality.droppedVideoFrames / Math.max(1, quality.totalVideoFrames)
  })
