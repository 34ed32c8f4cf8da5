import type { Figure } from './table.ts'

/**
 * For n repeats, the factor between their range and the difference that is exceeded by the medians of 1 % of
 * unchanged measurements, and by 1 % of single ones. From a simulation with normal noise; the range is the
 * larger one of both measurements. Few repeats say little about the noise, so their factors are large.
 */
const factors: Readonly<Record<number, { medians: number; single: number }>> = {
  2: { medians: 5.67, single: 8 },
  3: { medians: 1.71, single: 2.86 },
  4: { medians: 1.11, single: 2.03 },
  5: { medians: 0.85, single: 1.68 },
  6: { medians: 0.7, single: 1.5 },
  7: { medians: 0.6, single: 1.38 },
  8: { medians: 0.54, single: 1.3 },
  9: { medians: 0.48, single: 1.23 },
  10: { medians: 0.45, single: 1.18 },
}
const mostRepeats = 10

/** Returns the largest difference of a figure that means nothing, in its unit; NaN when it is not known. */
export function noiseOf({ repeats = [], noise = Number.NaN }: Figure): number {
  return repeats.length > 1 ? rangeTimes(repeats, 'medians') : noise
}

/**
 * Returns the largest difference between two measurements of a figure that means nothing; NaN when it is not
 * known. If only one of them has repeats, the other one is a single measurement with the same noise.
 */
export function noiseBetween(one: Figure, other: Figure): number {
  const [first, second] = [noiseOf(one), noiseOf(other)]
  if (Number.isNaN(first)) return rangeTimes(other.repeats ?? [], 'single')
  if (Number.isNaN(second)) return rangeTimes(one.repeats ?? [], 'single')
  return Math.max(first, second)
}

/**
 * Returns the noise of a figure that was measured once, from repeats of the same figure of another size;
 * NaN when there are fewer than two.
 */
export function noiseOfSingle(value: number, repeats: readonly number[]): number {
  const largest = Math.max(...repeats.map(Math.abs))
  const range = rangeTimes(repeats, 'single')
  return range === 0 ? 0 : (Math.abs(value) * range) / largest
}

function rangeTimes(repeats: readonly number[], kind: 'medians' | 'single'): number {
  const factor = factors[Math.min(mostRepeats, repeats.length)]
  return factor === undefined ? Number.NaN : factor[kind] * (Math.max(...repeats) - Math.min(...repeats))
}
