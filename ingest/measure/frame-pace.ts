/** Number of distances from which the usual one is found; 2 s at 60 frames/s. */
const keptDistances = 120
/** Minimum number of distances from which it is found. */
const minDistances = 10
/** Distances this near to the median count for the usual one, ms. RTMP rounds timestamps to whole ms. */
const roundingMs = 1.5
/** Maximum number of frames that can be missing in one hole. */
const maxMissing = 1200

/** Finds the usual distance of frames, and how frames deviate from it. */
export class FramePace {
  readonly #distances = new Float64Array(keptDistances)
  #count = 0
  #usualMs = 0
  #missing = 0
  #deviation = 0
  #compared = 0

  /** Notes the distance of a frame from the one before, ms. */
  add(distanceMs: number): void {
    this.#distances[this.#count++ % keptDistances] = distanceMs
    const usual = this.#usualMs
    if (usual === 0) return
    const steps = Math.max(1, Math.round(distanceMs / usual))
    this.#missing += Math.min(maxMissing, steps - 1)
    const offMs = Math.max(0, Math.abs(distanceMs - steps * usual) - roundingMs)
    this.#deviation += offMs / usual
    this.#compared++
  }

  /** Returns the figures since the last call; see `SignalSample`. Then the usual distance is found again. */
  take(): { fps: number; missing: number; spread: number } {
    const spread = this.#compared === 0 ? 0 : this.#deviation / this.#compared
    const taken = { missing: this.#missing, spread: Math.round(spread * 1000) / 1000 }
    this.#missing = this.#deviation = this.#compared = 0
    this.#usualMs = this.#findUsual()
    return { ...taken, fps: this.#usualMs === 0 ? 0 : Math.round(100_000 / this.#usualMs) / 100 }
  }

  /** Returns the mean of the distances near their median, ms; 0 when there are too few, or all are 0. */
  #findUsual(): number {
    if (this.#count < minDistances) return 0
    const sorted = this.#distances.slice(0, Math.min(this.#count, keptDistances)).sort()
    const median = sorted[sorted.length >> 1] ?? 0
    const near = sorted.filter((distance) => Math.abs(distance - median) <= roundingMs)
    return median < 1 ? 0 : near.reduce((sum, distance) => sum + distance, 0) / near.length
  }
}
