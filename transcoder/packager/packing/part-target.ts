import { minFill } from './segment-plan.ts'

/** Frame durations at the two sample rates that nearly all audio has, ms. A part target should suit both. */
const commonAudioFramesMs = [1024 / 48, 1024 / 44.1]

/** Whether a whole number of frames fills a part. */
export function fills(partTargetMs: number, frameMs: number): boolean {
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

    /** Returns the part target, or what it would be for frames of a duration; all ms. */
    suiting: (frameMs: number): number => currentMs ?? partTargetFor(configuredMs, frameMs),

    /** Sets the part target for frames of a duration and returns it, ms. Once set it never changes. */
    forFrames(frameMs: number): number {
      currentMs ??= partTargetFor(configuredMs, frameMs)
      return currentMs
    },
  }
}
