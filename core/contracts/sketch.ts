/**
 * Histogram: weights by bucket number. The upper bound of a bucket is 5 % above that of the one before. So
 * quantiles of values from 1 to 10 ** 10 are accurate to 2.5 %, and sketches can be added up (DDSketch,
 * Masson et al. 2019). Plain data, so that it can be sent as JSON.
 */
export type Sketch = Record<number, number>

const growth = Math.log(1.05)
/** Number of the last bucket. It holds all values above 9.4 * 10 ** 10, which bounds the size of a sketch. */
const lastBucket = 519
/** Minimum weight of a bucket after aging. Lighter buckets are removed. */
const leastWeight = 0.05

/** Adds a value of 0 or more. Values below 1 count as 1. */
export function addValue(sketch: Sketch, value: number): void {
  const bucket = value <= 1 ? 0 : Math.min(lastBucket, Math.ceil(Math.log(value) / growth))
  sketch[bucket] = (sketch[bucket] ?? 0) + 1
}

export function addSketch(to: Sketch, other: Sketch): void {
  for (const [bucket, weight] of Object.entries(other))
    to[Number(bucket)] = (to[Number(bucket)] ?? 0) + weight
}

/** Multiplies all weights by `factor` (0 to 1), so that newer values count more. */
export function ageSketch(sketch: Sketch, factor: number): void {
  for (const bucket of Object.keys(sketch).map(Number)) {
    const weight = Math.round((sketch[bucket] ?? 0) * factor * 1000) / 1000
    if (weight < leastWeight) delete sketch[bucket]
    else sketch[bucket] = weight
  }
}

/** Returns the quantile `q` (0 to 1) of the values; undefined when the sketch is empty. */
export function sketchQuantile(sketch: Sketch, q: number): number | undefined {
  // JavaScript lists integer keys in ascending order, so the buckets need no sorting.
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
