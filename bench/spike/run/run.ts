import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { Architecture, Stand } from '../architectures/architecture.ts'
import type { Plan } from '../curves/plan.ts'
import { createCrowd } from './crowd.ts'
import { type RunResult, summarise } from './result.ts'
import { createWatch } from './watch.ts'

/** Time between two looks at all viewers, ms. Each look counts as the state since the one before. */
const lookMs = 250
/** Every second viewer is our watch page, the others are hls.js with its defaults, as on other systems. */
const allKinds = ['plain', 'page'] as const
const plainOnly = ['plain'] as const
/**
 * Time that servers have to notice that a crowd has left, ms, and to recover from one that was too large: an
 * edge leaves overload in three steps of 2.5 s.
 */
const restMs = { served: 1000, notServed: 9000 }

/** Lets a crowd arrive at a running architecture as planned, and measures. */
export async function runPlan(architecture: Architecture, stand: Stand, plan: Plan): Promise<RunResult> {
  const startsAt = performance.now() + plan.warmUpMs + 50
  const { urls, path } = stand
  const { isLowLatency, peer } = architecture
  const kinds = peer === undefined ? allKinds : plainOnly
  const crowd = createCrowd({ urls, path, isLowLatency, kinds, plan, startsAt })
  const lag = monitorEventLoopDelay({ resolution: 10 })
  lag.enable()
  let isServed = false
  try {
    crowd.start()
    await delay(startsAt - performance.now())
    const watch = createWatch(crowd, stand, startsAt, lag)
    await stand.origin.takeCounts()
    const endsAt = startsAt + plan.lengthMs
    const events = plan.events.map((event) => ({ ...event, isDone: false }))
    for (let look = 1; performance.now() < endsAt; look++) {
      await delay(Math.max(0, startsAt + look * lookMs - performance.now()))
      for (const event of events.filter(
        ({ isDone, atMs }) => !isDone && startsAt + atMs <= performance.now(),
      )) {
        event.isDone = true
        if (event.kind === 'pause') stand.origin.pausePublisher(event.ms)
        else if (event.kind === 'outage') stand.origin.breakConnections(event.ms)
        else crowd.switchAll(event.ms)
      }
      await watch.look(look % (1000 / lookMs) === 0)
    }
    const result = summarise({ architecture, plan, crowd, ...watch.end() })
    isServed = result.isServed
    return result
  } finally {
    crowd.stop()
    lag.disable()
    await delay(isServed ? restMs.served : restMs.notServed)
  }
}
