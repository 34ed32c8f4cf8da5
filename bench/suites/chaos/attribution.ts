import type { Stall } from './viewers/stall.ts'

/** Something with a time: its newest cause is the event that started last before it. */
interface Started {
  /** Unix time, ms. */
  startedAt: number
}

/**
 * Returns the event that caused what happened at `at`: the newest one whose start is not after it; undefined
 * before the first event. `events` are in the order of their starts.
 */
export const causeOf = <Event extends Started>(at: number, events: readonly Event[]): Event | undefined =>
  events.findLast(({ startedAt }) => startedAt <= at)

/** Returns what each event caused. What happened before the first event is not in the result. */
export function attribute<Event extends Started, Effect>(
  effects: readonly Effect[],
  atOf: (effect: Effect) => number,
  events: readonly Event[],
): Map<Event, Effect[]> {
  const caused = new Map<Event, Effect[]>(events.map((event) => [event, []]))
  for (const effect of effects) {
    const cause = causeOf(atOf(effect), events)
    if (cause !== undefined) caused.get(cause)?.push(effect)
  }
  return caused
}

/** Returns the longest stall of each viewer, ms. */
export function longestOfEach(stalls: readonly Stall[]): number[] {
  const longest = new Map<string, number>()
  for (const { viewer, from, to } of stalls)
    longest.set(viewer, Math.max(longest.get(viewer) ?? 0, to - from))
  return [...longest.values()]
}
