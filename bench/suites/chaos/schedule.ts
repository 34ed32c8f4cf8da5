import { createRandom } from '../../../test/kit/random.ts'

/** Something that can happen to the cluster. */
export interface EventKind {
  name: string
  /** Targets to choose from. Their number is the same in each run. */
  targets: readonly string[]
  /** Bounds of the time that the fault lasts, ms. */
  lengthMs: readonly [min: number, max: number]
  /** Time that the target then needs to be back, as a plan assumes it, ms. */
  backMs: number
}

export interface PlannedEvent<Kind extends EventKind = EventKind> {
  kind: Kind
  /** Index of the target. */
  target: number
  /** Time after the start of the run, ms. */
  startMs: number
  /** Time that the fault lasts, ms. */
  lengthMs: number
}

/** Bounds of the time between the starts of two events, ms. */
const gapMs = [20_000, 40_000] as const
/** Minimum time from the end of an event to the next start, ms, so that effects can be attributed. */
export const restMs = 15_000
/** Time for which nothing happens at the start, ms. */
const calmMs = 10_000

/**
 * Returns the events of a run of `totalMs`, one at a time. Every kind comes once before one comes again, in
 * an order that depends on the seed. The last one has its rest before the end. The same seed has the same
 * events.
 */
export function planEvents<Kind extends EventKind>(
  kinds: readonly Kind[],
  seed: number,
  totalMs: number,
): PlannedEvent<Kind>[] {
  const random = createRandom(seed)
  const between = ([min, max]: readonly [number, number]) => Math.round(min + random() * (max - min))
  const events: PlannedEvent<Kind>[] = []
  const deck: Kind[] = []
  for (let startMs = calmMs; kinds.length > 0; ) {
    if (deck.length === 0) deck.push(...kinds)
    const [kind] = deck.splice(Math.floor(random() * deck.length), 1)
    if (kind === undefined) break
    const lengthMs = between(kind.lengthMs)
    const endMs = startMs + lengthMs + kind.backMs
    if (endMs + restMs > totalMs) break
    events.push({ kind, target: Math.floor(random() * kind.targets.length), startMs, lengthMs })
    startMs = Math.max(startMs + between(gapMs), endMs + restMs)
  }
  return events
}
