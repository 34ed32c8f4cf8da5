/** A crowd size that was tried. */
export interface Trial {
  viewers: number
  isServed: boolean
}

export interface KneeOptions {
  /** Size with which the search begins. */
  first: number
  min: number
  max: number
  /** The search ends when the smallest crowd that was not served is at most this factor above the knee. */
  ratio: number
  maxTrials: number
}

/** The knee: the largest crowd that was served. `upTo` is the smallest one that was not; Infinity: none. */
export interface Knee {
  viewers: number
  upTo: number
}

/** Sizes are multiples of this, so that they are easy to read. */
const step = 10
const roundSize = (viewers: number) => Math.max(step, Math.round(viewers / step) * step)

/**
 * Returns the next size to try: double or half until the knee is between two sizes, then their geometric
 * mean. Returns undefined when the search has ended.
 */
export function nextSize(trials: readonly Trial[], options: KneeOptions): number | undefined {
  const { first, min, max, ratio, maxTrials } = options
  const { viewers, upTo } = kneeOf(trials)
  const limited = (size: number) => Math.min(max, Math.max(min, roundSize(size)))
  const wanted =
    trials.length === 0
      ? first
      : upTo === Number.POSITIVE_INFINITY
        ? viewers * 2
        : viewers === 0
          ? upTo / 2
          : upTo / viewers > ratio
            ? Math.sqrt(viewers * upTo)
            : Number.NaN
  const size = limited(wanted)
  const isKnown = trials.some((trial) => trial.viewers === size)
  return Number.isNaN(wanted) || isKnown || trials.length >= maxTrials ? undefined : size
}

/** Returns the knee that the trials show. A larger crowd that was served by chance does not count. */
export function kneeOf(trials: readonly Trial[]): Knee {
  const upTo = Math.min(
    ...trials.filter(({ isServed }) => !isServed).map(({ viewers }) => viewers),
    Number.POSITIVE_INFINITY,
  )
  const served = trials.filter(({ viewers, isServed }) => isServed && viewers < upTo)
  return { viewers: Math.max(0, ...served.map(({ viewers }) => viewers)), upTo }
}
