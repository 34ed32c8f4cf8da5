/** Maximum number of samples that are kept. */
const maxSamples = 24

/**
 * Estimates the round trip from the times between requests and the first bytes of their responses. Requests
 * that the server holds must not be added. `least`, `typical` and `late` are the minimum, the median and the
 * 95th percentile of the last `maxSamples`, ms; `initialMs` before the first one.
 */
export function createRoundTrip(initialMs: number) {
  const samples: number[] = []

  const quantile = (q: number) => {
    const sorted = samples.toSorted((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? initialMs
  }

  return {
    add(ms: number): void {
      samples.push(Math.max(0, ms))
      if (samples.length > maxSamples) samples.shift()
    },
    get least() {
      return quantile(0)
    },
    get typical() {
      return quantile(0.5)
    },
    get late() {
      return quantile(0.95)
    },
  }
}
