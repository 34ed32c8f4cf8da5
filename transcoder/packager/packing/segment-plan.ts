/** Lengths that all renditions of a presentation share. */
export interface SegmentPlan {
  /** Configured length of a segment, ms. */
  segmentMs: number
  /** EXT-X-TARGETDURATION, s. */
  targetDuration: number
  /** Maximum length of a segment, ms. */
  maxSegmentMs: number
}

/**
 * Time by which audio may run past the end of a segment, ms: an AAC frame at 44.1 kHz, because audio follows
 * the boundaries of the video at its next frame.
 */
export const audioOverrunMs = 24

/**
 * Returns the lengths for segments of about `segmentMs`. RFC 8216bis 4.4.3.1: "The EXTINF duration of each
 * Media Segment in a Playlist file, when rounded to the nearest integer, MUST be less than or equal to the
 * Target Duration."
 */
export function segmentPlanFor(segmentMs: number): SegmentPlan {
  const targetDuration = Math.max(1, Math.round(segmentMs / 1000))
  return { segmentMs, targetDuration, maxSegmentMs: targetDuration * 1000 + 499 - audioOverrunMs }
}

/**
 * Error of a duration, ms. Timestamps are whole ms, so a frame or several in a row may be this much shorter
 * or longer than the frame rate says.
 */
export const jitterMs = 1

/**
 * Minimum length of a part as a fraction of the part target. RFC 8216bis 4.4.4.9: "The duration of a Partial
 * Segment MUST be less than or equal to the Part Target Duration. The duration of each Partial Segment MUST
 * be at least 85% of the Part Target Duration, with the exception of Partial Segments with the
 * INDEPENDENT=YES or GAP=YES attribute, Partial Segments that are immediately followed by a Partial Segment
 * with a GAP=YES attribute, and the final Partial Segment of any Parent Segment." Here independent parts have
 * this length as well.
 */
export const minFill = 0.85
