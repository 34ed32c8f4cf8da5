import { setTimeout as delay } from 'node:timers/promises'
import { startProcess, type TestProcess } from '../../test/kit/processes.ts'
import { quantile } from '../statistics.ts'
import { figureTable } from '../table.ts'
import { keepResult, type Stand, startStand } from './stand.ts'
import { errorsIn, newTally, shareWithin } from './tally.ts'

/** Others that take the edge's core in turns with it, so that what it bears is less than what one core can ask. */
const neighbours = 3
/** Viewers who come at a time while it is found out how many are borne, and the time between, ms. */
const [step, stepMs] = [100, 1000]
/** Of those that it bears, how many watch before the others come. */
const watchingShare = 0.15

/**
 * Three times as many viewers as an edge bears, most of them newcomers. First it is found out how many that is: until the edge, its playlists
 * without parts already, refuses more. Arguments: seconds of the overload (30).
 */
export async function crowdOverload([seconds = '30']: string[]): Promise<string> {
  const spinning: TestProcess[] = Array.from({ length: neighbours }, () =>
    startProcess('taskset', ['-c', '0', process.execPath, '-e', 'for (;;);']),
  )
  try {
    const bears = await findBearable()
    console.log(`bears ${bears} viewers`)
    const stand = await startStand()
    try {
      return keepResult(
        'crowd-overload',
        `Three times what an edge bears, ${seconds} s`,
        await overload(stand, bears, Number(seconds)),
      )
    } finally {
      await stand.stop()
    }
  } finally {
    await Promise.all(spinning.map((each) => each.stop('SIGKILL')))
  }
}

async function findBearable(): Promise<number> {
  const stand = await startStand()
  const tally = newTally()
  const leaving: (() => void)[] = []
  try {
    for (let viewers = step; ; viewers += step) {
      leaving.push(await stand.gather(step, stepMs / 2, tally))
      await delay(stepMs / 2)
      if ((await stand.metric('admission_step')) === 2) return viewers
    }
  } finally {
    for (const leave of leaving) leave()
    await stand.stop()
  }
}

async function overload(stand: Stand, bears: number, seconds: number): Promise<string> {
  const [watching, coming] = [newTally(), newTally()]
  const leave = await stand.gather(Math.round(bears * watchingShare), 5000, watching)
  await delay(6000)
  const stepBefore = await stand.metric('admission_step')
  watching.late.length = 0
  watching.errors.clear()
  const newcomers = Math.round(bears * (3 - watchingShare))
  const leaveAgain = await stand.gather(newcomers, 10_000, coming)
  let highest = 0
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await delay(1000))
    highest = Math.max(highest, await stand.metric('admission_step'))
  const met = { ...watching, late: [...watching.late], errors: new Map(watching.errors) }
  leaveAgain()
  const overAt = performance.now()
  while ((await stand.metric('admission_step')) > 0 && performance.now() - overAt < 60_000) await delay(100)
  const recovered = (performance.now() - overAt) / 1000
  leave()
  return figureTable([
    { name: 'viewers that it bears', value: bears, unit: '' },
    { name: 'viewers who watch before', value: Math.round(bears * watchingShare), unit: '' },
    { name: 'step before the newcomers come', value: stepBefore, unit: '', atMost: 0 },
    { name: 'highest step', value: highest, unit: '' },
    {
      name: 'requests of those who watched before, not answered well within 1 s',
      value: 100 - shareWithin(met, 1000),
      unit: '%',
      atMost: 1,
    },
    { name: 'the same, p99', value: quantile(met.late, 0.99), unit: 'ms' },
    {
      name: 'error answers to them',
      value: errorsIn(met),
      unit: '',
      atMost: 0,
    },
    { name: 'connections of them dropped', value: watching.dropped, unit: '', atMost: 0 },
    { name: 'newcomers', value: newcomers, unit: '' },
    { name: 'of them let in, in the end', value: coming.letIn, unit: '' },
    { name: 'answers 503 with Retry-After to newcomers', value: coming.turnedAway, unit: '' },
    { name: 'as before after the newcomers left', value: recovered, unit: 's', atMost: 10 },
  ])
}
