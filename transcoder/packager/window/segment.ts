/** A published piece of a segment (RFC 8216bis 3: "Partial Segment"). */
export interface Part {
  durationMs: number
  /** Whether a decoder can start in it. */
  isIndependent: boolean
  /** Number of frames. */
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
  /**
   * Whether its media is missing; then it has no parts. RFC 8216bis 6.2.1: "The absence of media data …
   * SHOULD be signaled by adding one or more Media Segments".
   */
  isGap: boolean
  parts: Part[]
  durationMs: number
}

/** What is known of a segment when it is opened. */
export type SegmentStart = Pick<Segment, 'msn' | 'epoch' | 'startMs' | 'date' | 'hasDiscontinuity'>

/** Returns a segment without media. */
export const newSegment = (start: SegmentStart): Segment => ({
  ...start,
  isGap: false,
  parts: [],
  durationMs: 0,
})

/** Returns the size of a segment, bytes. */
export const sizeOf = (segment: Segment) => segment.parts.reduce((sum, part) => sum + part.data.length, 0)
