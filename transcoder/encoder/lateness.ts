/** One measurement of how late a transcode is. */
export interface LatenessSample {
  /** Time of the measurement, ms of a steady clock. */
  now: number
  /** Time from the end of the published media to the newest media of the source, ms. */
  behindMs: number
  /** Length of the longest GOP of the source, ms. */
  gopMs: number
}

/** Minimum time that a restart at the newest keyframe must save, ms. */
const minGainMs = 4000
/** Lag that a transcode must make up in each second so that it needs no restart, ms. */
const minCatchUpMs = 200
/** Time over which catching up is measured, ms. */
const windowMs = 1000
/** Time after the start of a run during which it is not judged, ms. */
const graceMs = 8000

export type Lateness = ReturnType<typeof createLateness>

/**
 * Decides when a transcode is so late that it must skip media. Without skipping, the latency of all viewers
 * would stay high. `startedAt`: start of the run, by the clock of the samples.
 */
export function createLateness(startedAt: number) {
  let first: LatenessSample | undefined

  return {
    /** Whether the transcode should restart at the newest keyframe, which is at most one GOP old. */
    isTooLate(sample: LatenessSample): boolean {
      if (sample.now - startedAt < graceMs || sample.behindMs < sample.gopMs + minGainMs) {
        first = undefined
        return false
      }
      first ??= sample
      const passed = sample.now - first.now
      if (passed < windowMs) return false
      const isCatchingUp = ((first.behindMs - sample.behindMs) * 1000) / passed > minCatchUpMs
      first = sample
      return !isCatchingUp
    },
  }
}
