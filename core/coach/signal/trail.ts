import type { Gop, SignalSample } from './signal-sample.ts'

/** Number of newest GOPs that are kept. */
const keptGops = 10

type Measure = (sample: SignalSample) => number

/** The samples of one publish up to a moment, oldest first. Those of earlier publishes are dropped. */
export class Trail {
  #samples: SignalSample[] = []
  #gops: Gop[] = []
  readonly #returns: number[] = []

  add(sample: SignalSample): void {
    const before = this.#samples.at(-1)
    if (before?.publish !== sample.publish) {
      if (before) this.#returns.push(sample.at)
      this.#samples = []
      this.#gops = []
    }
    this.#samples.push(sample)
    this.#gops.push(...sample.gops)
    if (this.#gops.length > keptGops) this.#gops = this.#gops.slice(-keptGops)
  }

  /** Number of samples: about the number of seconds since the publish began. */
  get length(): number {
    return this.#samples.length
  }

  /** When the publisher has returned, ms since the epoch. These times are of all publishes. */
  get returns(): readonly number[] {
    return this.#returns
  }

  /** @throws RangeError when there is no sample yet */
  get newest(): SignalSample {
    const newest = this.#samples.at(-1)
    if (newest === undefined) throw new RangeError('the trail has no sample')
    return newest
  }

  /** The newest complete GOPs, at most ten, oldest first. */
  get gops(): readonly Gop[] {
    return this.#gops
  }

  /** Returns a measure of the newest samples, oldest first. */
  last(seconds: number, of: Measure): number[] {
    return this.#samples.slice(this.#startOf(seconds)).map(of)
  }

  /** Returns the smallest drift of all samples but the newest `skipped`, ms. */
  leastDrift(skipped: number): number {
    const end = this.#samples.length - skipped
    let least = Number.POSITIVE_INFINITY
    for (let at = 0; at < end; at++) least = Math.min(least, this.#samples[at]?.driftMs ?? least)
    return least
  }

  mean(seconds: number, of: Measure): number {
    const count = Math.min(seconds, this.#samples.length)
    return count === 0 ? 0 : this.sum(seconds, of) / count
  }

  sum(seconds: number, of: Measure): number {
    let sum = 0
    for (let at = this.#startOf(seconds); at < this.#samples.length; at++) sum += this.#measure(at, of)
    return sum
  }

  /** Returns the highest value; 0 when all are lower. */
  max(seconds: number, of: Measure): number {
    let highest = 0
    for (let at = this.#startOf(seconds); at < this.#samples.length; at++)
      highest = Math.max(highest, this.#measure(at, of))
    return highest
  }

  #startOf(seconds: number): number {
    return Math.max(0, this.#samples.length - seconds)
  }

  #measure(at: number, of: Measure): number {
    const sample = this.#samples[at]
    return sample === undefined ? 0 : of(sample)
  }
}

const add = (one: number, other: number) => one + other

/** Returns the mean; 0 of no values. */
export const meanOf = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce(add, 0) / values.length

/** Returns the quantile `q` (0 to 1) of values that need not be sorted; 0 of no values. */
export function quantileOf(values: readonly number[], q: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
}
