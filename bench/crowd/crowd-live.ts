import { setTimeout as delay } from 'node:timers/promises'
import { quantile } from '../statistics.ts'
import { figureTable } from '../table.ts'
import { renditions } from './show-playlist.ts'
import { keepResult, startStand, withoutAdmission } from './stand.ts'
import { errorsIn, newTally } from './tally.ts'

/** Viewers of one low-latency channel: what reaches its origin? Arguments: seconds (60), viewers (2000). */
export async function crowdLive([seconds = '60', viewers = '2000']: string[]): Promise<string> {
  const stand = await startStand(withoutAdmission)
  const { origin } = stand
  try {
    const tally = newTally()
    const leave = await stand.gather(Number(viewers), 5000, tally)
    await delay(2000)
    const [madeBefore, askedBefore] = [origin.parts, new Map(origin.asked)]
    tally.late.length = 0
    await delay(Number(seconds) * 1000)
    const versions = (origin.parts - madeBefore) * renditions.length
    const during = [...origin.asked].map(([target, count]) => ({
      target,
      count: count - (askedBefore.get(target) ?? 0),
    }))
    const held = during.filter(({ target }) => target.includes('_HLS_msn='))
    const media = during.filter(({ target }) => target.endsWith('.m4s'))
    const late = [...tally.late]
    leave()
    const sum = (counts: { count: number }[]) => counts.reduce((total, { count }) => total + count, 0)
    const most = Math.max(...[...held, ...media].map(({ target }) => origin.asked.get(target) ?? 0))
    const errors = errorsIn(tally)
    const table = figureTable([
      { name: 'requests of viewers', value: late.length / Number(seconds), unit: '/s' },
      { name: 'versions of playlists made', value: versions, unit: '' },
      // One may be under way when counting begins, one when it ends.
      {
        name: 'playlist requests at the origin beyond one for each version',
        value: Math.max(0, sum(held) - versions - renditions.length),
        unit: '',
        atMost: 0,
      },
      { name: 'playlist requests at the origin', value: sum(held), unit: '' },
      { name: 'media requests at the origin', value: sum(media), unit: '' },
      { name: 'most requests for one version or piece of media', value: most, unit: '', atMost: 1 },
      { name: 'error answers', value: errors, unit: '', atMost: 0 },
      { name: 'connections dropped', value: tally.dropped, unit: '', atMost: 0 },
      { name: 'answer after it could be there, p50', value: quantile(late, 0.5), unit: 'ms' },
      { name: 'the same, p99', value: quantile(late, 0.99), unit: 'ms' },
    ])
    return keepResult('crowd-live', `${viewers} viewers of one channel for ${seconds} s`, table)
  } finally {
    await stand.stop()
  }
}
