/** Maximum number of samples that are kept. */
const maxSamples = 24
/**
 * Age above which a sample counts only for the minimum, ms. Where all media is requested before it exists,
 * there are no new samples, and the old ones may be those of a queue that is gone.
 */
const maxAgeMs = 15_000

/**
 * Estimates the round trip from the times between requests and the first bytes of their responses. Requests
 * that the server holds must not be added. `least`, `typical` and `late` are the minimum, the median and the
 * 95th percentile of the last samples, ms; `initialMs` before the first one. `now` returns the time, ms.
 */
export function createRoundTrip(initialMs: number, now = () => performance.now()) {
  const samples: { ms: number; at: number }[] = []

  const quantile = (q: number, from: typeof samples) => {
    const sorted = from.map(({ ms }) => ms).sort((a, b) => a - b)
    return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
  }
  const least = () => quantile(0, samples) ?? initialMs
  const recent = () => samples.filter(({ at }) => at > now() - maxAgeMs)

  return {
    add(ms: number): void {
      samples.push({ ms: Math.max(0, ms), at: now() })
      if (samples.length > maxSamples) samples.shift()
    },
    get least() {
      return least()
    },
    get typical() {
      return quantile(0.5, recent()) ?? least()
    },
    get late() {
      return quantile(0.95, recent()) ?? least()
    },
  }
}
