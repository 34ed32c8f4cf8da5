import { sameTimeMs } from './cut-list.ts'

/** Number of distances of frames that an estimate is based on. */
const maxDistances = 8

/**
 * Creates a function that estimates how long a frame lasts before the next one is known; both in ms. At an
 * uneven rate the estimate is the shortest of the last distances: a frame that lasts longer can continue in
 * the next part, but a published length cannot be shortened.
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
