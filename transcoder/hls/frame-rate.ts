import type { Segment } from './segment.ts'

const commonRates = [24_000 / 1001, 24, 25, 30_000 / 1001, 30, 50, 60_000 / 1001, 60]

/** Frames per second of some segments, by count; a usual rate when it is as near as timestamps of whole ms can tell. Null without media. */
export function frameRateOf(segments: readonly Segment[]): number | null {
  const parts = segments.flatMap((segment) => segment.parts)
  const durationMs = parts.reduce((sum, part) => sum + part.durationMs, 0)
  if (durationMs === 0) return null
  const measured = (parts.reduce((sum, part) => sum + part.frames, 0) * 1000) / durationMs
  const tolerance = Math.max(0.0004, 2 / durationMs)
  const [nearest] = commonRates.toSorted((a, b) => Math.abs(a - measured) - Math.abs(b - measured))
  const rate = nearest && Math.abs(nearest - measured) / measured < tolerance ? nearest : measured
  return Math.round(rate * 1000) / 1000
}
