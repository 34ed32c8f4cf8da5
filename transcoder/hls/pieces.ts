/** Lengths that all renditions of a presentation share. */
export interface Pieces {
  /** Wanted length of a segment, ms. */
  segmentMs: number
  /** EXT-X-TARGETDURATION, s. */
  targetDuration: number
  /** No segment may be longer, ms. */
  maxSegmentMs: number
}

/** An AAC frame at 44.1 kHz: sound follows the picture's boundaries at its next frame, so it may run this much over, ms. */
const audioOverrunMs = 24

/**
 * RFC 8216bis 4.4.3.1: "The EXTINF duration of each Media Segment in a Playlist file, when rounded to the nearest integer,
 * MUST be less than or equal to the Target Duration."
 */
export function piecesFor(segmentMs: number): Pieces {
  const targetDuration = Math.max(1, Math.round(segmentMs / 1000))
  return { segmentMs, targetDuration, maxSegmentMs: targetDuration * 1000 + 499 - audioOverrunMs }
}

/** Frames of the two sample rates that nearly all sound has; a part target should suit both, ms. */
const commonAudioFramesMs = [1024 / 48, 1024 / 44.1]

/**
 * RFC 8216bis 4.4.4.9: "The duration of a Partial Segment MUST be less than or equal to the Part Target Duration. The duration of
 * each Partial Segment MUST be at least 85% of the Part Target Duration, with the exception of Partial Segments with the
 * INDEPENDENT=YES or GAP=YES attribute, Partial Segments that are immediately followed by a Partial Segment with a GAP=YES attribute,
 * and the final Partial Segment of any Parent Segment." Here independent ones keep to it too.
 */
const leastFill = 0.85

/** Whether a whole number of frames fills a part. */
function fills(partTargetMs: number, frameMs: number): boolean {
  const frames = Math.floor(partTargetMs / frameMs + 1e-6)
  return frames * frameMs >= leastFill * partTargetMs
}

/**
 * The part target nearest to `partMs` that whole video frames fill, and whole audio frames where both can; whole ms.
 * Timestamps in whole ms make a part of some frames up to 1 ms longer than its frames say: there is room for that.
 */
export function partTargetFor(partMs: number, frameMs: number): number {
  const frames = Math.max(1, Math.round(partMs / frameMs + 1e-6))
  const least = Math.ceil(frames * frameMs + 1 - 1e-6) - 1
  const most = Math.floor((frames * frameMs) / leastFill)
  for (let target = least; target <= most; target++)
    if (commonAudioFramesMs.every((audioFrameMs) => fills(target, audioFrameMs))) return target
  return least
}

/** A part target of an epoch that comes after others: it may grow, so that no part in the playlist is longer, never shrink. */
export function nextPartTarget(formerMs: number, partMs: number, frameMs: number): number {
  if (fills(formerMs, frameMs)) return formerMs
  return Math.max(formerMs, partTargetFor(Math.max(partMs, formerMs), frameMs))
}
