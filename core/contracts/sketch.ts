/**
 * A histogram by bucket. Each bucket reaches 5 % further than the one before, so quantiles are accurate to
 * 2.5 % whatever the values, and sketches can be added up (DDSketch, Masson et al. 2019). Plain data, so that
 * it can be sent as JSON.
 */
export type Sketch = Record<number, number>

const growth = Math.log(1.05)
/** The last bucket holds everything from about 10 ** 11 on, so the size of a sketch is bounded. */
const lastBucket = 519
/** Minimum weight of a bucket. Lighter ones are removed, so that a sketch forgets old values. */
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

/** Reduces the weight of all values so far by `factor` (0 to 1), so that newer values count more. */
export function ageSketch(sketch: Sketch, factor: number): void {
  for (const bucket of Object.keys(sketch).map(Number)) {
    const weight = Math.round((sketch[bucket] ?? 0) * factor * 1000) / 1000
    if (weight < leastWeight) delete sketch[bucket]
    else sketch[bucket] = weight
  }
}

/** Value below which the fraction `q` (0 to 1) of all weight lies; undefined when the sketch is empty. */
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
