import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../kit/browser.ts'
import { startTwoEdges, type TwoEdges } from '../kit/edge/two-edges.ts'
import { waitFor } from '../kit/wait-for.ts'
import { followRequests, untilPlayed, untilState } from '../kit/watch-page.ts'

let edges: TwoEdges
let browser: Browser

beforeAll(async () => {
  ;[edges, browser] = await Promise.all([startTwoEdges('moved'), launchChromium()])
})
afterAll(async () => {
  await browser?.close()
  await edges?.stop()
})

test('a viewer leaves an edge that freezes', async () => {
  const page = await browser.newPage()
  const { edge } = followRequests(page)
  await page.goto(edges.watchUrl)
  await untilState(page, 'playing')
  await untilPlayed(page, 2)

  const first = edge()
  const frozen = edges.pidOf(first)
  process.kill(frozen, 'SIGSTOP')
  try {
    await waitFor('the viewer to move', () => edge() !== first, { timeoutMs: 60_000 })
    await untilPlayed(page, 2)
  } finally {
    // The supervisor kills its edge when that is frozen for long, and starts another one.
    if (edges.pidOf(first) === frozen) process.kill(frozen, 'SIGCONT')
  }
  await page.close()
  await waitFor('the edge to be back', async () => (await fetch(`${first}/readyz`)).ok, { timeoutMs: 20_000 })
  await edges.untilListed(first)
}, 120_000)

test('a viewer moves to the other edge when theirs drains or is killed, and playback is not replaced', async () => {
  const page = await browser.newPage()
  const { edge, loads, steering } = followRequests(page)
  await page.goto(edges.watchUrl)
  await untilState(page, 'playing')
  await untilPlayed(page, 2)
  const loadsBefore = loads()
  const untilAt = (name: string, isThere: () => boolean) =>
    waitFor(name, isThere, { timeoutMs: 60_000 }).catch((cause: unknown) => {
      throw new Error(`steering requests: ${steering()}`, { cause })
    })

  const first = edge()
  process.kill(edges.pidOf(first), 'SIGTERM')
  await waitFor(
    'the edge to report that it drains',
    async () => (await fetch(`${first}/readyz`)).status === 503,
  )
  await untilAt('the viewer to move', () => edge() !== first)
  await untilPlayed(page, 2)

  // The draining edge continues to serve, as the last choice of players, so the viewer can move back to it.
  const second = edge()
  process.kill(edges.pidOf(second), 'SIGKILL')
  await untilAt('the viewer to move back', () => edge() === first)
  await untilPlayed(page, 2)
  expect(loads(), 'the playback was not replaced').toBe(loadsBefore)
}, 120_000)
