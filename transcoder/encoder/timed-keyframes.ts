/** Where an encoder puts keyframes that follow the clock. Times are of presentation, ms. */
export interface KeyframeGrid {
  /** The first frame; keyframes are at whole multiples of `everyMs` after it. */
  originMs: number
  everyMs: number
}

/** Returns the time from a frame to the next place of the grid; 0 for a frame that is at one. */
export function untilGrid({ originMs, everyMs }: KeyframeGrid, frameMs: number): number {
  const since = frameMs - originMs
  return Math.ceil(since / everyMs) * everyMs - since
}

/**
 * Tolerance of timed keyframes, ms: half a frame, so that they are where a steady frame rate would have them
 * although timestamps are whole ms. Never a whole number, so that no frame is exactly at the limit.
 */
export const keyframeToleranceMs = (fps: number) => Math.floor(500 / Math.max(fps, 1)) + 0.5

/**
 * Returns the function that says which frames of a source, in the order in which they are shown, become
 * keyframes. It makes the choice of ffmpeg's `-force_key_frames` with the expression of `videoJob`.
 */
export function createTimedKeyframes({ originMs, everyMs }: KeyframeGrid, fps: number) {
  let forced = 0
  return (frameMs: number): boolean => {
    const isForced = frameMs - originMs >= forced * everyMs - keyframeToleranceMs(fps)
    if (isForced) forced++
    return isForced
  }
}
