/** Grid in time on which an encoder places keyframes. Times are presentation times, ms. */
export interface KeyframeGrid {
  /** Time of the first keyframe of the grid. The others are whole multiples of `everyMs` later. */
  originMs: number
  everyMs: number
}

/** Returns the time from a frame to the next point of the grid, ms; 0 for a frame on the grid. */
export function untilGrid({ originMs, everyMs }: KeyframeGrid, frameMs: number): number {
  const since = frameMs - originMs
  return Math.ceil(since / everyMs) * everyMs - since
}

/**
 * Returns how much earlier than its time on the grid a timed keyframe may be, ms: about half a frame, because
 * often no frame is exactly on the grid. The result is a whole number and a half. Timestamps are whole ms, so
 * no frame is exactly at the limit.
 */
export const keyframeToleranceMs = (fps: number) => Math.floor(500 / Math.max(fps, 1)) + 0.5

/**
 * Creates a function that decides whether the next frame, in presentation order, becomes a keyframe. It
 * chooses the same frames as ffmpeg's `-force_key_frames` with the expression of `videoJob`.
 */
export function createTimedKeyframes({ originMs, everyMs }: KeyframeGrid, fps: number) {
  let forced = 0
  return (frameMs: number): boolean => {
    const isForced = frameMs - originMs >= forced * everyMs - keyframeToleranceMs(fps)
    if (isForced) forced++
    return isForced
  }
}
