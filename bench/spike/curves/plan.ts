import { createRandom } from '../../../test/kit/random.ts'
import type { Curve, CurveEvent } from './curve.ts'
import { momentOf } from './shapes.ts'

/** A viewer of a plan. Times are ms after the start of the curve; those of insiders are negative. */
interface PlannedViewer {
  arriveMs: number
  /** Undefined when the viewer stays to the end. */
  leaveMs: number | undefined
  /** Whether the viewer watches before the curve begins. */
  isInsider: boolean
}

export interface Plan {
  curve: string
  seed: number
  /** Number of viewers at the peak. */
  peak: number
  /** In the order of arrival. */
  viewers: readonly PlannedViewer[]
  events: readonly (CurveEvent & { atMs: number })[]
  /** Time from the first insider to the start of the curve, and from there to the end, ms. */
  warmUpMs: number
  lengthMs: number
}

export interface PlanOptions {
  /** Number of viewers at the peak. */
  viewers: number
  seed: number
  /** Time in which the insiders arrive evenly, and the time that they then have to settle, ms. */
  gatherMs: number
  settleMs: number
  /** Factor by which the curve is faster than its data. Durations of events do not change (1). */
  speed?: number
}

/** Returns when each viewer arrives and leaves. The same options return the same plan. */
export function planViewers(curve: Curve, options: PlanOptions): Plan {
  const { viewers: peak, seed, gatherMs, settleMs, speed = 1 } = options
  const random = createRandom(seed)
  const warmUpMs = gatherMs + settleMs
  /** Returns one moment for each of `count` equal shares, so that a plan has no more noise than it needs. */
  const moments = (count: number, moment: (u: number) => number) =>
    Array.from({ length: count }, (_, index) => moment((index + random()) / count))

  const insiders = moments(Math.round(curve.insiders * peak), (u) => u * gatherMs - warmUpMs).map(
    (arriveMs): PlannedViewer => ({ arriveMs, leaveMs: undefined, isInsider: true }),
  )
  const newcomers = curve.arrivals.flatMap((arrivals) =>
    moments(Math.round(arrivals.share * peak), (u) => (momentOf(arrivals, u) * 1000) / speed).map(
      (arriveMs): PlannedViewer => {
        const { visit } = arrivals
        const isShort = visit !== undefined && random() < visit.share
        const leaveMs = isShort ? arriveMs + (visit.seconds * 1000) / speed : undefined
        return { arriveMs, leaveMs, isInsider: false }
      },
    ),
  )
  const viewers = [...insiders, ...newcomers].toSorted((one, other) => one.arriveMs - other.arriveMs)
  for (const departures of curve.departures) {
    const fromMs = (departures.from * 1000) / speed
    const present = viewers.filter(
      ({ arriveMs, leaveMs = Number.POSITIVE_INFINITY }) => arriveMs <= fromMs && leaveMs > fromMs,
    )
    const count = Math.round(departures.share * present.length)
    for (const leaveMs of moments(count, (u) => (momentOf(departures, u) * 1000) / speed)) {
      const [leaver] = present.splice(Math.floor(random() * present.length), 1)
      if (leaver !== undefined) leaver.leaveMs = leaveMs
    }
  }
  return {
    curve: curve.name,
    seed,
    peak,
    viewers,
    events: curve.events.map((event) => ({ ...event, atMs: (event.at * 1000) / speed })),
    warmUpMs,
    lengthMs: (curve.seconds * 1000) / speed,
  }
}

/**
 * Returns the largest difference between the share of viewers that should have arrived by any time and that
 * which had, 0..1. One viewer is always on the way and does not count. `arrivedMs` has the times on the clock
 * of the plan.
 */
export function deviation(plan: Plan, arrivedMs: readonly number[]): number {
  const planned = plan.viewers.map(({ arriveMs }) => arriveMs)
  const achieved = arrivedMs.toSorted((one, other) => one - other)
  let largest = Math.abs(planned.length - achieved.length)
  let [at, count] = [0, 0]
  for (const moment of [...planned, ...achieved].toSorted((one, other) => one - other)) {
    while ((planned[at] ?? Number.POSITIVE_INFINITY) <= moment) at++
    while ((achieved[count] ?? Number.POSITIVE_INFINITY) <= moment) count++
    largest = Math.max(largest, Math.abs(at - count))
  }
  return planned.length === 0 ? 0 : Math.max(0, largest - 1) / planned.length
}

/** Returns the number of arrivals in each second from the first to the last one, by second. */
export function perSecond(arrivals: readonly number[]): Map<number, number> {
  const seconds = arrivals.map((ms) => Math.floor(ms / 1000))
  const counts = new Map<number, number>()
  if (seconds.length === 0) return counts
  const last = seconds.reduce((most, second) => Math.max(most, second))
  for (let second = seconds.reduce((least, each) => Math.min(least, each)); second <= last; second++)
    counts.set(second, 0)
  for (const second of seconds) counts.set(second, (counts.get(second) ?? 0) + 1)
  return counts
}
