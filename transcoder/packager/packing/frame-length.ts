import { sameTimeMs } from './cut-list.ts'

/** Maximum number of distances of frames that an estimate is based on. */
const maxDistances = 8

/**
 * Creates a function that must be called with the start of each frame, ms. It estimates the length of the
 * frame, ms, because the next frame is not known yet. The estimate is `usualMs`, or the shortest of the last
 * distances if that is clearly shorter: a frame that lasts longer can continue in the next part, but a
 * published length cannot be shortened.
 */
export function createFrameLength(usualMs: number): (startMs: number) => number {
  const distances: number[] = []
  let previousMs: number | undefined

  return (startMs) => {
    const distanceMs = startMs - (previousMs ?? startMs)
    previousMs = startMs
    if (distanceMs > 0) distances.push(distanceMs)
    if (distances.length > maxDistances) distances.shift()
    const shortestMs = Math.min(...distances, usualMs)
    return shortestMs < usualMs - sameTimeMs ? shortestMs : usualMs
  }
}
