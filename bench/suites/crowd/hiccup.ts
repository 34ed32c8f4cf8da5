import { setTimeout as delay } from 'node:timers/promises'
import type { SuiteResult } from '../../figures/figure-file.ts'
import type { Figure } from '../../figures/table.ts'
import type { ViewerKind } from '../../viewer/viewer-options.ts'
import { type CrowdStand, startCrowdStand, withoutOverloadControl, writeCrowdResult } from './crowd-stand.ts'
import { type CrowdStatistics, createCrowdStatistics } from './crowd-statistics.ts'

/**
 * Pauses of the publisher, ms. The first is just longer than hls.js waits for a blocking reload (1.6 s here).
 */
const pausesMs = [1700, 3000]
const steadyMs = 4000
const afterMs = 6000
/** Maximum requests in one second after a pause, as a multiple of those in a second before. */
const maxRatio = 2.5

/**
 * Measures what a pause of the publisher does to a crowd of viewers with hls.js, and to one on the watch
 * page. Argument: viewers of each kind (500).
 */
export async function crowdHiccup([viewers = '500']: string[]): Promise<SuiteResult> {
  const figures: Figure[] = []
  for (const kind of ['plain', 'page'] as const) {
    const stand = await startCrowdStand(withoutOverloadControl)
    try {
      const statistics = createCrowdStatistics()
      const leave = await stand.gather(Number(viewers), 4000, statistics, kind)
      await delay(3000)
      for (const pauseMs of pausesMs) figures.push(...(await pause(stand, statistics, kind, pauseMs)))
      leave()
    } finally {
      await stand.stop()
    }
  }
  return writeCrowdResult(
    'crowd-hiccup',
    `The publisher pauses while ${viewers} viewers with hls.js, then ${viewers} on the watch page, watch`,
    figures,
  )
}

async function pause(
  { origin }: Pick<CrowdStand, 'origin'>,
  statistics: CrowdStatistics,
  kind: ViewerKind,
  pauseMs: number,
): Promise<Figure[]> {
  statistics.sent.clear()
  await delay(steadyMs)
  const { joinRequests, losses, playing } = statistics
  const steady = mostInSecond(statistics.sent)
  statistics.sent.clear()
  origin.pause(pauseMs)
  await delay(pauseMs)
  const againAt = performance.now()
  while (statistics.playing < 0.99 * playing && performance.now() - againAt < afterMs) await delay(20)
  const wellMs = performance.now() - againAt
  await delay(Math.max(0, afterMs - wellMs))
  const name = (what: string) => `${kind}, ${pauseMs / 1000} s: ${what}`
  return [
    { name: name('viewers whose picture moved before'), value: playing, unit: '' },
    { name: name('players that gave up'), value: statistics.losses - losses, unit: '', atMost: 0 },
    {
      name: name('requests to join again'),
      value: statistics.joinRequests - joinRequests,
      unit: '',
      atMost: 0,
    },
    {
      name: name('most requests in a second, as a multiple of those before'),
      value: mostInSecond(statistics.sent) / steady,
      unit: '',
      atMost: maxRatio,
    },
    { name: name('time until 99 % play again'), value: wellMs, unit: 'ms' },
  ]
}

/** Returns the largest number of requests in ten consecutive tenths of a second. */
function mostInSecond(sent: ReadonlyMap<number, number>): number {
  const from = (first: number) =>
    Array.from({ length: 10 }, (_, index) => sent.get(first + index) ?? 0).reduce((a, b) => a + b, 0)
  return Math.max(...[...sent.keys()].map(from))
}
