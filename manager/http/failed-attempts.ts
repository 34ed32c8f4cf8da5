/** Counts failures of each address within a window; bounded in memory. */
export interface FailedAttempts {
  /** Notes a failure; gives the seconds to wait when the address had too many, else undefined. */
  note(address: string): number | undefined
}

interface Tally {
  count: number
  /** When the window of this address ends, ms. */
  endsAt: number
}

/**
 * `limit` failures of one address are let pass in `windowMs`. At most `maxAddresses` are remembered, the oldest is
 * forgotten first. `now` is a clock in ms.
 */
export function createFailedAttempts({
  limit = 10,
  windowMs = 60_000,
  maxAddresses = 10_000,
  now = Date.now,
} = {}): FailedAttempts {
  const tallies = new Map<string, Tally>()
  return {
    note(address) {
      const at = now()
      const known = tallies.get(address)
      const tally = known && known.endsAt > at ? known : { count: 0, endsAt: at + windowMs }
      tally.count += 1
      // Deleted and set again, so that the map's order is that of the last failure.
      tallies.delete(address)
      tallies.set(address, tally)
      const [oldest] = tallies.keys()
      if (tallies.size > maxAddresses && oldest !== undefined) tallies.delete(oldest)
      return tally.count > limit ? Math.max(1, Math.ceil((tally.endsAt - at) / 1000)) : undefined
    },
  }
}
