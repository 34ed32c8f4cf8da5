import type { Page } from 'playwright-core'
import { launchChromium } from '../test/kit/browser.ts'
import { watchStillness } from '../test/kit/stillness.ts'
import { startTwoEdges, type TwoEdges } from '../test/kit/two-edges.ts'
import { waitFor } from '../test/kit/wait-for.ts'
import { median } from './statistics.ts'
import { figureTable } from './table.ts'

/** A viewer has settled so long after the first frame, and after each move, ms. */
const settleMs = 4000

/** A viewer in Chromium whose edge drains, and whose edge is killed, so many times: when do they move, and what do they see of it? */
export async function steering([runs = '5']: string[]): Promise<string> {
  const edges = await startTwoEdges('bench')
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    let last = ''
    let loads = 0
    page.on('request', (request) => {
      const { pathname, origin } = new URL(request.url())
      if (pathname.startsWith('/live/')) last = origin
      if (pathname.endsWith('/index.m3u8')) loads += 1
    })
    await page.goto(edges.watchUrl)
    await page.waitForSelector('#stage[data-state="playing"]', { timeout: 30_000 })
    await page.waitForTimeout(settleMs)
    const asked = loads
    const moves = { SIGTERM: [] as Move[], SIGKILL: [] as Move[] }
    for (let run = 0; run < Number(runs); run += 1)
      for (const signal of ['SIGTERM', 'SIGKILL'] as const)
        moves[signal].push(await move(page, edges, () => last, signal))
    return figureTable([
      ...figuresOf('edge drains', moves.SIGTERM, 500),
      ...figuresOf('edge is killed', moves.SIGKILL, 3000),
      { name: 'playlists of the channel asked for anew', value: loads - asked, unit: '', atMost: 0 },
    ])
  } finally {
    await browser.close()
    await edges.stop()
  }
}

interface Move {
  /** From the signal to the first request at the other edge, ms. */
  movedMs: number
  /** Longest time that the picture stood still, ms. */
  stillMs: number
}

async function move(page: Page, edges: TwoEdges, edge: () => string, signal: NodeJS.Signals): Promise<Move> {
  const from = edge()
  const pid = edges.pidOf(from)
  const still = await watchStillness(page)
  const at = performance.now()
  process.kill(pid, signal)
  await waitFor('the viewer to move', () => edge() !== from, { timeoutMs: 30_000, everyMs: 5 })
  const movedMs = performance.now() - at
  await page.waitForTimeout(settleMs)
  const stillMs = await still()
  await edges.untilBack(from, pid)
  // The page must know of the edge that came back before the next move: the manager looks once a second.
  await page.waitForTimeout(1500)
  await page.waitForResponse((answer) => answer.url().includes('/steering/'))
  console.log(JSON.stringify({ signal, movedMs, stillMs }))
  return { movedMs, stillMs }
}

function figuresOf(what: string, moves: readonly Move[], atMost: number) {
  const moved = moves.map(({ movedMs }) => Math.round(movedMs))
  const still = moves.map(({ stillMs }) => Math.round(stillMs))
  return [
    { name: `${what}: until the viewer moves, median of ${moves.length}`, value: median(moved), unit: 'ms' },
    { name: `${what}: picture stands still, median`, value: median(still), unit: 'ms' },
    { name: `${what}: picture stands still, longest`, value: Math.max(...still), unit: 'ms', atMost },
  ]
}
