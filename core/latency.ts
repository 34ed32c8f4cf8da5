/** How a channel trades latency for calm: `ultra` has 100 ms parts, `low` the configured ones, `standard` none. */
export type Latency = 'ultra' | 'low' | 'standard'

export const latencies = ['ultra', 'low', 'standard'] as const satisfies readonly Latency[]

/** Lengths of media pieces, in ms. `partMs` null: whole segments only. */
export interface Pieces {
  partMs: number | null
  segmentMs: number
}

/** Pieces of a latency class; `configured` are the settings NOWCAST_PART_MS and NOWCAST_SEGMENT_MS. */
export function piecesOf(latency: Latency, configured: { partMs: number; segmentMs: number }): Pieces {
  const partMs = { ultra: Math.min(100, configured.partMs), low: configured.partMs, standard: null }[latency]
  return { partMs, segmentMs: configured.segmentMs }
}
