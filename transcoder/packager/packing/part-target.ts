/** Frame durations at the two sample rates that nearly all audio has, ms. A part target should suit both. */
const commonAudioFramesMs = [1024 / 48, 1024 / 44.1]

/**
 * Minimum length of a part as a fraction of the part target. RFC 8216bis 4.4.4.9: "The duration of a Partial
 * Segment MUST be less than or equal to the Part Target Duration. The duration of each Partial Segment MUST
 * be at least 85% of the Part Target Duration, with the exception of Partial Segments with the
 * INDEPENDENT=YES or GAP=YES attribute, Partial Segments that are immediately followed by a Partial Segment
 * with a GAP=YES attribute, and the final Partial Segment of any Parent Segment." Here independent parts have
 * this length as well.
 */
const minFill = 0.85

/** Whether a whole number of frames fills a part. */
function fills(partTargetMs: number, frameMs: number): boolean {
  const frames = Math.floor(partTargetMs / frameMs + 1e-6)
  return frames * frameMs >= minFill * partTargetMs
}

/**
 * Returns the part target, in whole ms, nearest to `partMs` that whole video frames fill, and if possible
 * audio frames.
 */
export function partTargetFor(partMs: number, frameMs: number): number {
  const frames = Math.max(1, Math.round(partMs / frameMs + 1e-6))
  const minMs = Math.ceil(frames * frameMs - 1e-6)
  const maxMs = Math.floor((frames * frameMs) / minFill)
  for (let target = minMs; target <= maxMs; target++)
    if (commonAudioFramesMs.every((audioFrameMs) => fills(target, audioFrameMs))) return target
  return minMs
}

/**
 * Returns the part target of an epoch that follows others. It may increase, so that no part in the playlist
 * is longer, but never decreases.
 */
export function nextPartTarget(previousMs: number, partMs: number, frameMs: number): number {
  if (fills(previousMs, frameMs)) return previousMs
  return Math.max(previousMs, partTargetFor(Math.max(partMs, previousMs), frameMs))
}

/** Length of parts that playlists do not list, ms. Segments grow by it. */
const hiddenPartMs = 500

/**
 * The part target of a presentation. `partMs`: configured part length, ms; null if playlists do not list
 * parts.
 */
export function createPartTarget(partMs: number | null) {
  const configuredMs = partMs ?? hiddenPartMs
  let currentMs: number | undefined

  return {
    /** PART-TARGET of the playlists, ms; null without parts. */
    get listedMs(): number | null {
      return partMs === null ? null : (currentMs ?? partMs)
    },

    /** Adapts it to the frame duration of an epoch, and returns it; ms. */
    adaptTo(frameMs: number): number {
      currentMs =
        currentMs === undefined
          ? partTargetFor(configuredMs, frameMs)
          : nextPartTarget(currentMs, configuredMs, frameMs)
      return currentMs
    },
  }
}
