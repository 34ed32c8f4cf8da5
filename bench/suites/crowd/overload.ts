import { setTimeout as delay } from 'node:timers/promises'
import { startProcess, type TestProcess } from '../../../test/kit/processes.ts'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { quantile } from '../../figures/statistics.ts'
import type { Figure } from '../../figures/table.ts'
import { type CrowdStand, startCrowdStand, writeCrowdResult } from './crowd-stand.ts'
import { createCrowdStatistics, errorCount, shareWithin } from './crowd-statistics.ts'

/**
 * Number of busy processes that share the edge's core, so that the viewers on the other core can overload the
 * edge.
 */
const neighbours = 3
/** To measure the capacity, `step` more viewers arrive in each `stepMs` (ms). */
const [step, stepMs] = [100, 1000]
/** Number of viewers before the newcomers arrive, as a share of the capacity. */
const watchingShare = 0.15

/**
 * Measures an edge under three times as many viewers as it can serve, most of them newcomers. The capacity is
 * measured first: the number of viewers at which the edge begins to refuse newcomers. Arguments: seconds of
 * the overload (30).
 */
export async function crowdOverload([seconds = '30']: string[]): Promise<SuiteResult> {
  const spinning: TestProcess[] = Array.from({ length: neighbours }, () =>
    startProcess('taskset', ['-c', '0', process.execPath, '-e', 'for (;;);']),
  )
  try {
    const capacity = await measureCapacity()
    console.log(`the edge can serve ${capacity} viewers`)
    const stand = await startCrowdStand()
    try {
      return writeCrowdResult(
        'crowd-overload',
        `Three times as many viewers as an edge can serve, for ${seconds} s`,
        await overload(stand, capacity, Number(seconds)),
      )
    } finally {
      await stand.stop()
    }
  } finally {
    await Promise.all(spinning.map((each) => each.stop('SIGKILL')))
  }
}

async function measureCapacity(): Promise<number> {
  const stand = await startCrowdStand()
  const statistics = createCrowdStatistics()
  const leaving: (() => void)[] = []
  try {
    for (let viewers = step; ; viewers += step) {
      leaving.push(await stand.gather(step, stepMs / 2, statistics))
      await delay(stepMs / 2)
      if ((await stand.metric('admission_step')) === 3) return viewers
    }
  } finally {
    for (const leave of leaving) leave()
    await stand.stop()
  }
}

async function overload(stand: CrowdStand, capacity: number, seconds: number): Promise<Figure[]> {
  const [watching, arriving] = [createCrowdStatistics(), createCrowdStatistics()]
  const leave = await stand.gather(Math.round(capacity * watchingShare), 5000, watching)
  await delay(6000)
  const stepBefore = await stand.metric('admission_step')
  watching.delaysMs.length = 0
  watching.errors.clear()
  const newcomers = Math.round(capacity * (3 - watchingShare))
  const newcomersLeave = await stand.gather(newcomers, 10_000, arriving)
  let highest = 0
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await delay(1000))
    highest = Math.max(highest, await stand.metric('admission_step'))
  const during = { delaysMs: [...watching.delaysMs], errors: new Map(watching.errors) }
  newcomersLeave()
  const endedAt = performance.now()
  while ((await stand.metric('admission_step')) > 0 && performance.now() - endedAt < 60_000) await delay(100)
  const recoverySeconds = (performance.now() - endedAt) / 1000
  leave()
  return [
    { name: 'viewers that the edge can serve', value: capacity, unit: '' },
    { name: 'viewers before the crowd comes', value: Math.round(capacity * watchingShare), unit: '' },
    { name: 'overload step before the newcomers come', value: stepBefore, unit: '', atMost: 0 },
    { name: 'highest step', value: highest, unit: '' },
    {
      name: 'requests of earlier viewers without a good response within 1 s',
      value: 100 - shareWithin(during, 1000),
      unit: '%',
      atMost: 1,
    },
    {
      name: 'delay of a good response to earlier viewers, p99',
      value: quantile(during.delaysMs, 0.99),
      unit: 'ms',
    },
    {
      name: 'error responses to earlier viewers',
      value: errorCount(during),
      unit: '',
      atMost: 0,
    },
    { name: 'connections of earlier viewers dropped', value: watching.dropped, unit: '', atMost: 0 },
    { name: 'newcomers', value: newcomers, unit: '' },
    { name: 'newcomers admitted in the end', value: arriving.admitted, unit: '' },
    { name: 'responses 503 with Retry-After to newcomers', value: arriving.turnedAway, unit: '' },
    { name: 'time until step 0 after the newcomers left', value: recoverySeconds, unit: 's', atMost: 10 },
  ]
}
