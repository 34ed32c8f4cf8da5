/** What a group of viewers met. */
export interface Tally {
  /** From when an answer could have been there at the earliest (asked, and made) until it was, ms. */
  late: number[]
  errors: Map<number, number>
  /** When the last answer other than 200 came, ms of `performance.now()`. */
  lastErrorAt: number
  /** Connections that the server ended, or did not take. */
  dropped: number
  /** Newcomers turned away with 503 and Retry-After. */
  turnedAway: number
  /** Newcomers who were let in. */
  letIn: number
}

export const newTally = (): Tally => ({
  late: [],
  errors: new Map(),
  lastErrorAt: Number.NEGATIVE_INFINITY,
  dropped: 0,
  turnedAway: 0,
  letIn: 0,
})

/** Answers other than those that were wanted. */
export const errorsIn = ({ errors }: Pick<Tally, 'errors'>): number =>
  [...errors.values()].reduce((sum, count) => sum + count, 0)

/** Share of requests that were answered well within `ms`, percent. */
export function shareWithin(tally: Tally, ms: number): number {
  const { late } = tally
  return (100 * late.filter((each) => each <= ms).length) / (late.length + errorsIn(tally))
}
