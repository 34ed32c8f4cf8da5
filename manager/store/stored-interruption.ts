import type { EndReason } from '../../core/contracts/end-reason.ts'

/** A time without a publisher, ms since the epoch. `endedAt` is null unless the publisher has returned. */
export interface StoredInterruption {
  startedAt: number
  endedAt: number | null
  reason: EndReason
}

/** Maximum number of stored interruptions of a session. Older ones are dropped. */
const maxStored = 100

export const readInterruptions = (json: string | null) =>
  json === null ? [] : (JSON.parse(json) as StoredInterruption[])

/**
 * Returns the column with one more interruption. If one with the same start is stored, the one with a known
 * end is kept, because events of two ingests may come in any order.
 */
export function withInterruption(json: string | null, added: StoredInterruption): string {
  const known = readInterruptions(json)
  const same = known.find(({ startedAt }) => startedAt === added.startedAt)
  const others = known.filter((each) => each !== same)
  const kept = same && same.endedAt !== null ? same : added
  return JSON.stringify([...others, kept].toSorted((a, b) => a.startedAt - b.startedAt).slice(-maxStored))
}
