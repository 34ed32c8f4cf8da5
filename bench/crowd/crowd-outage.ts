import { setTimeout as delay } from 'node:timers/promises'
import { quantile } from '../statistics.ts'
import { figureTable } from '../table.ts'
import { keepResult, startStand, withoutAdmission } from './stand.ts'
import { newTally } from './tally.ts'

/** The origin dies under a crowd and comes back. Arguments: viewers (2000), seconds that it is away (5), times (3). */
export async function crowdOutage([viewers = '2000', seconds = '5', times = '3']: string[]): Promise<string> {
  const stand = await startStand(withoutAdmission)
  try {
    const tally = newTally()
    const leave = await stand.gather(Number(viewers), 5000, tally)
    await delay(3000)
    const ends: number[] = []
    for (let time = 0; time < Number(times); time += 1) {
      await stand.origin.die()
      await delay(Number(seconds) * 1000)
      await stand.origin.revive()
      const backAt = performance.now()
      await delay(6000)
      ends.push(Math.max(0, tally.lastErrorAt - backAt))
    }
    const late = [...tally.late]
    leave()
    const table = figureTable([
      { name: 'connections dropped', value: tally.dropped, unit: '', atMost: 0 },
      {
        name: 'last error answer after the origin is back, worst',
        value: Math.max(...ends),
        unit: 'ms',
        atMost: 1000,
      },
      ...[...tally.errors].map(([status, count]) => ({ name: `answers ${status}`, value: count, unit: '' })),
      { name: 'good answers', value: late.length, unit: '' },
      { name: 'good answer after it could be there, p99', value: quantile(late, 0.99), unit: 'ms' },
    ])
    return keepResult(
      'crowd-outage',
      `The origin dies under ${viewers} viewers and comes back after ${seconds} s, ${times} times`,
      table,
    )
  } finally {
    await stand.stop()
  }
}
