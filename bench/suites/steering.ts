import type { Page } from 'playwright-core'
import { launchChromium } from '../../test/kit/browser.ts'
import { startTwoEdges, type TwoEdges } from '../../test/kit/edge/two-edges.ts'
import { watchStillness } from '../../test/kit/stillness.ts'
import { waitFor } from '../../test/kit/wait-for.ts'
import { resultOf, type SuiteResult } from '../figures/figure-file.ts'
import { repeated } from '../figures/table.ts'

/** Time to wait after playback begins, and after each move, ms. */
const settleMs = 4000

/**
 * Measures how a viewer in Chromium moves to the other edge when its edge drains, and when its edge is
 * killed: the time until the move, and how long the picture stands still. Argument: runs, 5 by default.
 */
export async function steering([runs = '5']: string[]): Promise<SuiteResult> {
  const edges = await startTwoEdges('bench')
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    let edge = ''
    let loads = 0
    page.on('request', (request) => {
      const { pathname, origin } = new URL(request.url())
      if (pathname.startsWith('/live/')) edge = origin
      if (pathname.endsWith('/index.m3u8')) loads += 1
    })
    await page.goto(edges.watchUrl)
    await page.waitForSelector('#stage[data-state="playing"]', { timeout: 30_000 })
    await page.waitForTimeout(settleMs)
    const loadsBefore = loads
    const moves = { SIGTERM: [] as Move[], SIGKILL: [] as Move[] }
    for (let run = 0; run < Number(runs); run += 1)
      for (const signal of ['SIGTERM', 'SIGKILL'] as const)
        moves[signal].push(await move(page, edges, () => edge, signal))
    return resultOf([
      ...figuresOf('edge drains', moves.SIGTERM, 500),
      ...figuresOf('edge is killed', moves.SIGKILL, 3000),
      { name: 'playlists of the channel asked for again', value: loads - loadsBefore, unit: '', atMost: 0 },
    ])
  } finally {
    await browser.close()
    await edges.stop()
  }
}

interface Move {
  /** Time from the signal to the first request at the other edge, ms. */
  movedMs: number
  /** Longest period in which the picture stood still, ms. */
  stillMs: number
}

async function move(
  page: Page,
  edges: TwoEdges,
  edgeInUse: () => string,
  signal: NodeJS.Signals,
): Promise<Move> {
  const from = edgeInUse()
  const pid = edges.pidOf(from)
  const still = await watchStillness(page)
  const at = performance.now()
  process.kill(pid, signal)
  await waitFor('the viewer to move', () => edgeInUse() !== from, { timeoutMs: 30_000, everyMs: 5 })
  const movedMs = performance.now() - at
  await page.waitForTimeout(settleMs)
  const stillMs = await still()
  await edges.untilBack(from, pid)
  // The page must know that the edge is back before the next move. The manager polls once a second.
  await page.waitForTimeout(1500)
  await page.waitForResponse((response) => response.url().includes('/steering/'))
  console.log(JSON.stringify({ signal, movedMs, stillMs }))
  return { movedMs, stillMs }
}

function figuresOf(what: string, moves: readonly Move[], atMost: number) {
  const moved = moves.map(({ movedMs }) => Math.round(movedMs))
  const still = moves.map(({ stillMs }) => Math.round(stillMs))
  return [
    repeated(`${what}: until the viewer moves, median`, 'ms', moved, { better: 'lower' }),
    repeated(`${what}: picture stands still, median`, 'ms', still, { better: 'lower' }),
    { name: `${what}: picture stands still, longest`, value: Math.max(...still), unit: 'ms', atMost },
  ]
}
