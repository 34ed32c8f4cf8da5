import { newSegment, type Segment, type SegmentStart } from './segment.ts'

/** Returns a segment without media. */
export const newGap = (start: SegmentStart, durationMs: number): Segment => ({
  ...newSegment(start),
  isGap: true,
  durationMs,
})

/** Returns a gap of unknown length after the segment `last`. `endMs`: where its media ends, ms. */
export function emptyGap(place: { msn: number; epoch: number; endMs: number | undefined }, last?: Segment) {
  const date = last ? last.date + last.durationMs : Date.now()
  return newGap({ ...place, startMs: place.endMs ?? 0, date, hasDiscontinuity: false }, 0)
}

/**
 * Returns the gap of one rendition in place of a segment that another rendition has. `endMs`: where the media
 * before it ends, ms of session time.
 */
export function gapBeside(segment: Segment, endMs = segment.startMs): Segment {
  const lateMs = Math.max(0, endMs - segment.startMs)
  const start = { ...segment, startMs: segment.startMs + lateMs, date: segment.date + lateMs }
  return newGap(start, Math.max(0, segment.durationMs - lateMs))
}
