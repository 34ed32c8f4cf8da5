import { minFill } from './segment-plan.ts'

/**
 * Lengths of an AAC frame at the two sample rates that nearly all audio has, ms. The part target should suit
 * both.
 */
const commonAudioFramesMs = [1024 / 48, 1024 / 44.1]

/** Whether a whole number of frames fills a part to at least `minFill`. */
export function fills(partTargetMs: number, frameMs: number): boolean {
  const frames = Math.floor(partTargetMs / frameMs + 1e-6)
  return frames * frameMs >= minFill * partTargetMs
}

/**
 * Returns the part target, whole ms. It is near to `partMs`, and whole frames of video fill it; if possible
 * whole frames of audio too.
 */
export function partTargetFor(partMs: number, frameMs: number): number {
  const frames = Math.max(1, Math.round(partMs / frameMs + 1e-6))
  const minMs = Math.ceil(frames * frameMs - 1e-6)
  const maxMs = Math.floor((frames * frameMs) / minFill)
  for (let target = minMs; target <= maxMs; target++)
    if (commonAudioFramesMs.every((audioFrameMs) => fills(target, audioFrameMs))) return target
  return minMs
}

/** Length of the hidden parts by which segments grow when playlists list no parts, ms. */
const hiddenPartMs = 500

/**
 * Chooses the part target of a presentation, which never changes after that. `partMs`: part length in the
 * settings, ms; null if playlists list no parts.
 */
export function createPartTarget(partMs: number | null) {
  const configuredMs = partMs ?? hiddenPartMs
  let currentMs: number | undefined

  return {
    /** PART-TARGET of the playlists, ms; null if they list no parts. */
    get listedMs(): number | null {
      return partMs === null ? null : (currentMs ?? partMs)
    },

    /**
     * Returns the part target. Before `forFrames` it is the one that frames of this length would lead to; all
     * ms.
     */
    suiting: (frameMs: number): number => currentMs ?? partTargetFor(configuredMs, frameMs),

    /** Fixes the part target for frames of this length if it is not fixed yet. Returns it; all ms. */
    forFrames(frameMs: number): number {
      currentMs ??= partTargetFor(configuredMs, frameMs)
      return currentMs
    },
  }
}
