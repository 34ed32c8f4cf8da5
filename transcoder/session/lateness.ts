/** One look at how late a transcode is. Media times in ms of the source's timestamps. */
export interface LatenessSample {
  /** A steady clock, ms. */
  now: number
  /** From the end of what went out to the newest that the source has, ms. */
  behindMs: number
  /** Longest distance of keyframes in the source, ms. */
  gopMs: number
}

/** To begin again at the newest keyframe must bring viewers at least so much nearer to the source, ms. */
const worthwhileMs = 4000
/** A transcode that catches up by so much in each second needs no help. */
const catchesUpMs = 200
/** Looked at over this time, ms. */
const windowMs = 1000
/** What began just now may take so long before it is judged, ms. */
const graceMs = 8000

export type Lateness = ReturnType<typeof createLateness>

/**
 * Tells when a transcode is so late that it leaves media out. A machine that cannot keep up has to lose something: without this it
 * would be the time, for all viewers and for as long as the show lasts.
 */
export function createLateness(startedAt: number) {
  let first: LatenessSample | undefined

  return {
    /** Whether it shall begin again at the newest keyframe, which is at most one GOP old. */
    isTooLate(sample: LatenessSample): boolean {
      if (sample.now - startedAt < graceMs || sample.behindMs < sample.gopMs + worthwhileMs) {
        first = undefined
        return false
      }
      first ??= sample
      const passed = sample.now - first.now
      if (passed < windowMs) return false
      const isCatchingUp = ((first.behindMs - sample.behindMs) * 1000) / passed > catchesUpMs
      first = sample
      return !isCatchingUp
    },
  }
}
