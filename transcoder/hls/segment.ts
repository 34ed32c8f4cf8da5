/** A published piece of a segment (RFC 8216bis, 3.2: "Partial Segment"). */
export interface Part {
  durationMs: number
  /** Whether a decoder can begin in it. */
  isIndependent: boolean
  frames: number
  /** A CMAF chunk. */
  data: Buffer
  /** End of its media, ms in the source's timestamps. */
  endMs: number
}

/** A segment: its parts, one after another. */
export interface Segment {
  msn: number
  epoch: number
  /** Start of its media, ms in the source's timestamps. */
  startMs: number
  /** Date of its start, ms since the epoch. */
  date: number
  hasDiscontinuity: boolean
  /** RFC 8216bis 6.2.1: "The absence of media data … SHOULD be signaled by adding one or more Media Segments": it has no parts. */
  isGap: boolean
  parts: Part[]
  durationMs: number
}

/** What a new segment is opened with. */
export type SegmentStart = Pick<Segment, 'msn' | 'epoch' | 'startMs' | 'date' | 'hasDiscontinuity'>

export const openSegment = (start: SegmentStart): Segment => ({
  ...start,
  isGap: false,
  parts: [],
  durationMs: 0,
})

/** Bytes of a segment. */
export const sizeOf = (segment: Segment) => segment.parts.reduce((sum, part) => sum + part.data.length, 0)
