import type Hls from 'hls.js'
import type { Level } from 'hls.js'

/**
 * Returns the indexes of the renditions with the same codecs as the one with index `of`. A change of codecs
 * would be visible.
 */
export function sameCodecs(hls: Hls, of: number): number[] {
  const codecs = hls.levels[of]?.codecSet
  return hls.levels.flatMap(({ codecSet }, index) => (codecSet === codecs ? [index] : []))
}

/** Returns the bitrates of a level, bits/s. The peak replaces an unknown average. */
export const bitratesOf = ({ maxBitrate, averageBitrate }: Level) => ({
  peak: maxBitrate,
  average: averageBitrate || maxBitrate,
})
