/**
 * Returns the quantile `q` (0..1): the sample at this position of the sorted samples; NaN without samples.
 */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

/** Returns the mean; NaN without samples. */
export const mean = (samples: readonly number[]) =>
  samples.reduce((sum, sample) => sum + sample, 0) / samples.length

/** Returns the highest sample; NaN without any. Samples that are NaN do not count. */
export function highest(samples: readonly number[]): number {
  const known = samples.filter((sample) => !Number.isNaN(sample))
  return known.length === 0 ? Number.NaN : Math.max(...known)
}

export const median = (samples: readonly number[]) => quantile(samples, 0.5)

/** Returns the slope of the least-squares line, in y per x; 0 when all x are equal. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const meanX = mean(points.map(([x]) => x))
  const meanY = mean(points.map(([, y]) => y))
  let above = 0
  let below = 0
  for (const [x, y] of points) {
    above += (x - meanX) * (y - meanY)
    below += (x - meanX) ** 2
  }
  return below === 0 ? 0 : above / below
}
