/** Factor between two limits of the histogram: the error of a quantile is at most this. */
const step = 1.1
const leastMs = 0.1
/** Number of buckets. The last one has everything above 60 s. */
const buckets = 141
/** Maximum number of versions that are remembered. A crowd waits for the newest few. */
const maxVersions = 2000

/** Percentiles that a summary has, 0..100. */
const percentiles = [50, 90, 99, 99.9, 99.99, 100] as const

export interface LatenessSummary {
  /** Number of responses to held reloads. */
  count: number
  /** For each percentile, the lateness that it is below, ms. */
  points: readonly (readonly [percentile: number, ms: number])[]
}

/**
 * Measures how late viewers receive a version of a playlist that they held a request for: from the first
 * response of any viewer with that version. A request that came later counts from its own time.
 */
export class Lateness {
  readonly #firstAt = new Map<string, number>()
  readonly #counts = new Uint32Array(buckets)

  /** `isCounted`: whether the response counts, or only shows that the version is there. Times are ms. */
  add(target: string, sentAt: number, now: number, isCounted: boolean): void {
    const version = versionOf(target)
    if (version === undefined) return
    const firstAt = this.#firstAt.get(version)
    if (firstAt === undefined) {
      this.#firstAt.set(version, now)
      const [oldest] = this.#firstAt.keys()
      if (this.#firstAt.size > maxVersions && oldest !== undefined) this.#firstAt.delete(oldest)
    }
    if (!isCounted) return
    const bucket = bucketOf(now - Math.max(firstAt ?? now, sentAt))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
  }

  summary(): LatenessSummary {
    const count = this.#counts.reduce((sum, each) => sum + each, 0)
    return { count, points: count === 0 ? [] : percentiles.map((each) => [each, this.#below(each, count)]) }
  }

  #below(percentile: number, count: number): number {
    let rest = Math.max(1, Math.ceil((percentile / 100) * count - 1e-6))
    for (const [bucket, each] of this.#counts.entries()) {
      rest -= each
      if (rest <= 0) return limitOf(bucket)
    }
    return Number.NaN
  }
}

const bucketOf = (ms: number): number =>
  ms <= leastMs ? 0 : Math.min(buckets - 1, Math.ceil(Math.log(ms / leastMs) / Math.log(step)))
const limitOf = (bucket: number): number => leastMs * step ** bucket

const directives = /^([^?]*)\?(?:.*&)?_HLS_msn=(\d+)(?:&_HLS_part=(\d+))?/

/** Returns what a held reload waits for, whatever its other parameters; undefined for other requests. */
function versionOf(target: string): string | undefined {
  const [, path, segment, part] = directives.exec(target) ?? []
  return path === undefined ? undefined : `${path} ${segment} ${part}`
}
