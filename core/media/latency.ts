/**
 * Latency class of a channel. Higher latency makes playback more stable. `low` has parts of the length in the
 * settings, `ultra` has parts of at most 100 ms, and `standard` has no parts.
 */
export type Latency = 'ultra' | 'low' | 'standard'

export const latencies = ['ultra', 'low', 'standard'] as const satisfies readonly Latency[]

/** Lengths of parts and segments, ms. `partMs` is null when there are no parts. */
export interface MediaLengths {
  partMs: number | null
  segmentMs: number
}

/** Returns the lengths for a latency class. `configured` has NOWCAST_PART_MS and NOWCAST_SEGMENT_MS. */
export function mediaLengthsOf(
  latency: Latency,
  configured: { partMs: number; segmentMs: number },
): MediaLengths {
  const partMs = { ultra: Math.min(100, configured.partMs), low: configured.partMs, standard: null }[latency]
  return { partMs, segmentMs: configured.segmentMs }
}
