import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../kit/browser.ts'
import { watchStillness } from '../kit/stillness.ts'
import { startTwoEdges, type TwoEdges } from '../kit/two-edges.ts'
import { waitFor } from '../kit/wait-for.ts'

let edges: TwoEdges
let browser: Browser

beforeAll(async () => {
  ;[edges, browser] = await Promise.all([startTwoEdges('moved'), launchChromium()])
})
afterAll(async () => {
  await browser?.close()
  await edges?.stop()
})

/** Opens the watch page and waits until it plays; `edge` tells which edge it asked last. */
async function openPage(): Promise<{ page: Page; edge: () => string; loads: () => number }> {
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
  return { page, edge: () => last, loads: () => loads }
}

const hasPlayed = (page: Page, seconds: number) =>
  page.evaluate((seconds) => {
    const from = document.querySelector('video')?.currentTime ?? 0
    return new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if ((document.querySelector('video')?.currentTime ?? 0) < from + seconds) return
        clearInterval(timer)
        resolve()
      }, 50)
    })
  }, seconds)

test('a viewer goes to the other edge when theirs drains or is killed, and sees nothing of it', async () => {
  const { page, edge, loads } = await openPage()
  await hasPlayed(page, 2)
  const asked = loads()

  const first = edge()
  const still = await watchStillness(page)
  process.kill(edges.pidOf(first), 'SIGTERM')
  await waitFor('the edge to say that it drains', async () => (await fetch(`${first}/readyz`)).status === 503)
  await waitFor('the viewer to move', () => edge() !== first, { timeoutMs: 20_000 })
  await hasPlayed(page, 2)
  expect(await still(), 'ms of a standing picture while moving').toBeLessThan(1000)

  // The edge that drains is still there, as the last resort.
  const second = edge()
  const stillAgain = await watchStillness(page)
  process.kill(edges.pidOf(second), 'SIGKILL')
  await waitFor('the viewer to move back', () => edge() === first, { timeoutMs: 20_000 })
  await hasPlayed(page, 2)
  expect(await stillAgain(), 'ms of a standing picture after the kill').toBeLessThan(3000)
  expect(loads(), 'nothing was built anew').toBe(asked)
}, 120_000)
