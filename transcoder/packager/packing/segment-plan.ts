/** Lengths that are the same for all renditions of a presentation. */
export interface SegmentPlan {
  /** Segment length in the settings (NOWCAST_SEGMENT_MS), ms. */
  segmentMs: number
  /** EXT-X-TARGETDURATION, seconds. */
  targetDuration: number
  /** Maximum length of a segment, ms; audio may exceed it by `audioOverrunMs`. */
  maxSegmentMs: number
}

/**
 * Maximum excess of a segment of audio, ms: about one AAC frame at 44.1 kHz (23.2 ms). The last frame of
 * audio may end after the cut.
 */
export const audioOverrunMs = 24

/**
 * Returns the lengths for segments of about `segmentMs`. EXTINF, rounded to whole seconds, must not exceed
 * the target duration (RFC 8216bis 4.4.3.1). So a segment may exceed the target duration by 499 ms, less
 * `audioOverrunMs`.
 */
export function segmentPlanFor(segmentMs: number): SegmentPlan {
  const targetDuration = Math.max(1, Math.round(segmentMs / 1000))
  return { segmentMs, targetDuration, maxSegmentMs: targetDuration * 1000 + 499 - audioOverrunMs }
}

/**
 * Maximum error of a length, ms. Timestamps are whole ms, so one frame, or several in a row, may seem this
 * much too long or too short.
 */
export const jitterMs = 1

/**
 * Minimum length of a part, as a fraction of the part target. RFC 8216bis 4.4.4.9 demands 85 %, except for
 * the last part of a segment, independent parts and parts at a gap.
 */
export const minFill = 0.85
