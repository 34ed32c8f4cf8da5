import type Hls from 'hls.js'
import { bitratesOf } from '../renditions/levels.ts'

/** Share of the bandwidth that may remain after a fall which playback should survive. */
const fallenShare = 0.2
/**
 * Media that is buffered at the usual distance and lasts while the fall is noticed and the segment in the
 * lowest rendition arrives, seconds.
 */
const bufferedSeconds = 0.5
const maxSeconds = 0.4
/** Maximum share of what remains that the lowest rendition may take. With more, no reserve would last. */
const lowestShare = 0.8

/**
 * Returns the distance to keep for a sudden fall of the bandwidth to `fallenShare`, seconds. The page then
 * changes to the lowest rendition within a segment, and must load the segment in it from its keyframe. On a
 * fast link that takes no time. `bits` is the bandwidth, bits/s. The result is 0 in the lowest rendition, and
 * where even that one would not fit after the fall.
 */
export function fallReserve({ levels, loadLevel }: Pick<Hls, 'levels' | 'loadLevel'>, bits: number): number {
  const lowest = levels[0]
  const segmentSeconds = levels[loadLevel]?.details?.targetduration
  if (lowest === undefined || segmentSeconds === undefined || loadLevel === 0) return 0
  const fallenBits = bits * fallenShare
  const lowestBits = bitratesOf(lowest).average
  if (lowestBits > fallenBits * lowestShare) return 0
  const loadSeconds = (lowestBits * segmentSeconds) / fallenBits
  return Math.min(maxSeconds, Math.max(0, loadSeconds - bufferedSeconds))
}
