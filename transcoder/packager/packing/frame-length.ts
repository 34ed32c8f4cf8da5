import { sameTimeMs } from './cut-list.ts'

/** Number of frames that an estimate is based on. */
const maxDistances = 8

/**
 * Returns the function that estimates how long a frame lasts, before the next one is there. Both are ms. At
 * an uneven rate it is the shortest distance of the last frames: a frame that lasts longer is continued in
 * the next part, but none can be taken back.
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
