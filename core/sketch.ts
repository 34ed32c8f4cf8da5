/**
 * Counts of values in buckets that each reach 5 % further than the one before, by bucket: quantiles of it are true to 2.5 %
 * whatever the values, and sketches of many places add up (DDSketch, Masson and others 2019). Plain data, so that it can be told as JSON.
 */
export type Sketch = Record<number, number>

const growth = Math.log(1.05)
/** The last bucket holds all from about 10 ** 11 on, so that no value makes a sketch larger. */
const lastBucket = 519
/** A bucket that weighs less is let go by aging. */
const leastWeight = 0.05

/** Adds a value of 0 or more; what is below 1 counts as 1. */
export function note(sketch: Sketch, value: number): void {
  const bucket = value <= 1 ? 0 : Math.min(lastBucket, Math.ceil(Math.log(value) / growth))
  sketch[bucket] = (sketch[bucket] ?? 0) + 1
}

export function addSketch(to: Sketch, other: Sketch): void {
  for (const [bucket, weight] of Object.entries(other))
    to[Number(bucket)] = (to[Number(bucket)] ?? 0) + weight
}

/** Makes all that was noted so far weigh `factor` (0 to 1) of what it did. */
export function ageSketch(sketch: Sketch, factor: number): void {
  for (const bucket of Object.keys(sketch).map(Number)) {
    const weight = Math.round((sketch[bucket] ?? 0) * factor * 1000) / 1000
    if (weight < leastWeight) delete sketch[bucket]
    else sketch[bucket] = weight
  }
}

/** The value that a share `q` of all does not exceed; undefined when there is none. */
export function quantile(sketch: Sketch, q: number): number | undefined {
  // Keys that are whole numbers come in their order.
  const buckets = Object.entries(sketch)
  const total = buckets.reduce((sum, [, weight]) => sum + weight, 0)
  if (!(total > 0)) return undefined
  let below = 0
  for (const [bucket, weight] of buckets) {
    below += weight
    if (below >= q * total) return middleOf(Number(bucket))
  }
  return middleOf(Number(buckets.at(-1)?.[0]))
}

const middleOf = (bucket: number) => (2 * Math.exp(growth * bucket)) / (1 + Math.exp(growth))
