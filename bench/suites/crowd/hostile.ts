import { setTimeout as delay } from 'node:timers/promises'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { quantile } from '../../figures/statistics.ts'
import type { Figure } from '../../figures/table.ts'
import { startCrowdStand, withoutOverloadControl, writeCrowdResult } from './crowd-stand.ts'
import { createCrowdStatistics, errorCount } from './crowd-statistics.ts'
import { floodUselessly } from './useless-requests.ts'

/**
 * Counts what reaches the origin while hostile clients send requests that no player makes, beside viewers.
 * Arguments: seconds (60), requests per second (20000), viewers (500).
 */
export async function crowdHostile([
  seconds = '60',
  rate = '20000',
  viewers = '500',
]: string[]): Promise<SuiteResult> {
  const stand = await startCrowdStand(withoutOverloadControl)
  const { origin, edge } = stand
  /** Returns the number of requests at the origin so far. */
  const asked = () => [...origin.requests.values()].reduce((sum, count) => sum + count, 0)
  try {
    const statistics = createCrowdStatistics()
    const leave = await stand.gather(Number(viewers), 3000, statistics)
    await delay(2000)
    const calmFrom = { asked: asked(), at: performance.now() }
    await delay(Number(seconds) * 500)
    const calmRate = ((asked() - calmFrom.asked) / (performance.now() - calmFrom.at)) * 1000

    statistics.delaysMs.length = 0
    const from = { asked: asked(), at: performance.now() }
    const { sent, answered } = await floodUselessly({
      url: edge.url,
      base: edge.base,
      rate: Number(rate),
      seconds: Number(seconds),
    })
    const lastedS = (performance.now() - from.at) / 1000
    const hostileRate = (asked() - from.asked) / lastedS
    const delaysMs = [...statistics.delaysMs]
    leave()
    const figures: Figure[] = [
      { name: 'hostile requests', value: sent / Number(seconds), unit: '/s' },
      { name: 'responses to them', value: answered / Number(seconds), unit: '/s' },
      { name: 'requests at the origin before', value: calmRate, unit: '/s' },
      { name: 'requests at the origin beyond that', value: hostileRate - calmRate, unit: '/s', atMost: 2 },
      { name: 'responses to viewers', value: delaysMs.length / lastedS, unit: '/s' },
      {
        name: 'delay of a response after it was possible, p99',
        value: quantile(delaysMs, 0.99),
        unit: 'ms',
        atMost: 1000,
      },
      { name: 'error responses to viewers', value: errorCount(statistics), unit: '', atMost: 0 },
      { name: 'stalls', value: statistics.stalls, unit: '', atMost: 0 },
    ]
    return writeCrowdResult('crowd-hostile', `${rate} hostile requests/s beside ${viewers} viewers`, figures)
  } finally {
    await stand.stop()
  }
}
