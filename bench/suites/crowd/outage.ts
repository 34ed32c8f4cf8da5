import { setTimeout as delay } from 'node:timers/promises'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { quantile } from '../../figures/statistics.ts'
import type { Figure } from '../../figures/table.ts'
import { startCrowdStand, withoutOverloadControl, writeCrowdResult } from './crowd-stand.ts'
import { createCrowdStatistics } from './crowd-statistics.ts'

/**
 * Measures how viewers fare when the origin dies and comes back. Arguments: viewers (2000), seconds of each
 * outage (5), number of outages (3).
 */
export async function crowdOutage([
  viewers = '2000',
  seconds = '5',
  times = '3',
]: string[]): Promise<SuiteResult> {
  const stand = await startCrowdStand(withoutOverloadControl)
  try {
    const statistics = createCrowdStatistics()
    const leave = await stand.gather(Number(viewers), 5000, statistics)
    await delay(3000)
    const recoveriesMs: number[] = []
    for (let time = 0; time < Number(times); time += 1) {
      await stand.origin.die()
      await delay(Number(seconds) * 1000)
      await stand.origin.revive()
      const backAt = performance.now()
      await delay(6000)
      recoveriesMs.push(Math.max(0, statistics.lastErrorAt - backAt))
    }
    const delaysMs = [...statistics.delaysMs]
    leave()
    const figures: Figure[] = [
      { name: 'connections dropped', value: statistics.dropped, unit: '', atMost: 0 },
      {
        name: 'last error response after the origin is back, worst',
        value: Math.max(...recoveriesMs),
        unit: 'ms',
        atMost: 1000,
      },
      ...[...statistics.errors].map(([status, count]) => ({
        name: `responses ${status}`,
        value: count,
        unit: '',
      })),
      { name: 'good responses', value: delaysMs.length, unit: '' },
      {
        name: 'delay of a good response after it was possible, p99',
        value: quantile(delaysMs, 0.99),
        unit: 'ms',
      },
    ]
    return writeCrowdResult(
      'crowd-outage',
      `The origin dies under ${viewers} viewers and comes back after ${seconds} s, ${times} times`,
      figures,
    )
  } finally {
    await stand.stop()
  }
}
