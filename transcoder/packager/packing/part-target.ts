import { minFill } from './segment-plan.ts'

/** Lengths of an AAC frame at 48 and 44.1 kHz, ms. The part target should suit both. */
const commonAudioFramesMs = [1024 / 48, 1024 / 44.1]

/** Whether a whole number of frames fills a part to at least `minFill`. */
export function fills(partTargetMs: number, frameMs: number): boolean {
  const frames = Math.floor(partTargetMs / frameMs + 1e-6)
  return frames * frameMs >= minFill * partTargetMs
}

/**
 * Returns the part target, whole ms: near to `partMs`, and so that whole frames of `frameMs` fill it; if
 * possible also whole frames of `commonAudioFramesMs`.
 */
export function partTargetFor(partMs: number, frameMs: number): number {
  const frames = Math.max(1, Math.round(partMs / frameMs + 1e-6))
  const minMs = Math.ceil(frames * frameMs - 1e-6)
  const maxMs = Math.floor((frames * frameMs) / minFill)
  for (let target = minMs; target <= maxMs; target++)
    if (commonAudioFramesMs.every((audioFrameMs) => fills(target, audioFrameMs))) return target
  return minMs
}

/** Wanted length of the hidden parts by which segments grow when playlists list no parts, ms. */
const hiddenPartMs = 500

/**
 * Chooses the part target of a presentation, which never changes after that. `partMs`: wanted length of
 * parts, ms; null if playlists list no parts.
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
     * Returns the part target, ms. Before the first call of `forFrames` it is the one that `forFrames` would
     * choose for `frameMs`.
     */
    suiting: (frameMs: number): number => currentMs ?? partTargetFor(configuredMs, frameMs),

    /** Returns the part target, ms. The first call chooses it for frames of `frameMs`. */
    forFrames(frameMs: number): number {
      currentMs ??= partTargetFor(configuredMs, frameMs)
      return currentMs
    },
  }
}
