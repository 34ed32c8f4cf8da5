import { setTimeout as delay } from 'node:timers/promises'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { quantile } from '../../figures/statistics.ts'
import type { Figure } from '../../figures/table.ts'
import { startCrowdStand, withoutOverloadControl, writeCrowdResult } from './crowd-stand.ts'
import { createCrowdStatistics, errorCount } from './crowd-statistics.ts'

/**
 * Counts the requests that reach the origin while a crowd watches one low-latency channel. Arguments: seconds
 * (60), viewers (2000).
 */
export async function crowdLive([seconds = '60', viewers = '2000']: string[]): Promise<SuiteResult> {
  const stand = await startCrowdStand(withoutOverloadControl)
  const { origin } = stand
  try {
    const statistics = createCrowdStatistics()
    const leave = await stand.gather(Number(viewers), 5000, statistics)
    await delay(2000)
    const [partsBefore, requestsBefore] = [origin.parts, new Map(origin.requests)]
    statistics.delaysMs.length = 0
    await delay(Number(seconds) * 1000)
    const versions = (origin.parts - partsBefore) * origin.renditions
    const during = [...origin.requests].map(([target, count]) => ({
      target,
      count: count - (requestsBefore.get(target) ?? 0),
    }))
    const held = during.filter(({ target }) => target.includes('_HLS_msn='))
    const media = during.filter(({ target }) => target.endsWith('.m4s'))
    const delaysMs = [...statistics.delaysMs]
    leave()
    const sum = (counts: { count: number }[]) => counts.reduce((total, { count }) => total + count, 0)
    const most = Math.max(...[...held, ...media].map(({ target }) => origin.requests.get(target) ?? 0))
    const figures: Figure[] = [
      { name: 'requests of viewers', value: delaysMs.length / Number(seconds), unit: '/s' },
      { name: 'versions of playlists made', value: versions, unit: '' },
      // The last reload of each rendition may wait for a version that is not made yet, so it does not count.
      {
        name: 'playlist requests at the origin beyond one for each version',
        value: Math.max(0, sum(held) - versions - origin.renditions),
        unit: '',
        atMost: 0,
      },
      { name: 'playlist requests at the origin', value: sum(held), unit: '' },
      { name: 'media requests at the origin', value: sum(media), unit: '' },
      { name: 'most requests for one version or piece of media', value: most, unit: '', atMost: 1 },
      { name: 'error responses', value: errorCount(statistics), unit: '', atMost: 0 },
      { name: 'connections dropped', value: statistics.dropped, unit: '', atMost: 0 },
      { name: 'stalls', value: statistics.stalls, unit: '', atMost: 0 },
      { name: 'faulty media and playlists', value: statistics.faults, unit: '', atMost: 0 },
      { name: 'join time, p95', value: quantile(statistics.joinsMs, 0.95), unit: 'ms' },
      { name: 'delay of a response after it was possible, p50', value: quantile(delaysMs, 0.5), unit: 'ms' },
      { name: 'the same, p99', value: quantile(delaysMs, 0.99), unit: 'ms' },
    ]
    return writeCrowdResult('crowd-live', `${viewers} viewers of one channel for ${seconds} s`, figures)
  } finally {
    await stand.stop()
  }
}
