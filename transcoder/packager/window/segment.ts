import { SegmentMemory } from './segment-memory.ts'

/** A published part of a segment (RFC 8216bis 3: "Partial Segment"). */
export interface Part {
  durationMs: number
  /** Whether it contains a keyframe, so that decoding can start in it. */
  isIndependent: boolean
  frames: number
  /** One CMAF chunk. */
  data: Buffer
  /** Time at which its media ends, ms of session time. */
  endMs: number
}

export interface Segment {
  msn: number
  epoch: number
  /** Time at which its media starts, ms of session time. */
  startMs: number
  /** Date of its start, ms since 1970. */
  date: number
  hasDiscontinuity: boolean
  /**
   * Whether its media is missing; it then has no parts. A gap keeps media sequence numbers equal in all
   * renditions.
   */
  isGap: boolean
  parts: Part[]
  durationMs: number
  /** Frees the media of `parts` after the segment has left the window. */
  memory: SegmentMemory
}

/** Properties that a segment has when it is opened. */
export type SegmentStart = Pick<Segment, 'msn' | 'epoch' | 'startMs' | 'date' | 'hasDiscontinuity'>

export const newSegment = ({ msn, epoch, startMs, date, hasDiscontinuity }: SegmentStart): Segment => ({
  msn,
  epoch,
  startMs,
  date,
  hasDiscontinuity,
  isGap: false,
  parts: [],
  durationMs: 0,
  memory: new SegmentMemory(),
})

/** Returns the size of the media of a segment, bytes. */
export const sizeOf = (segment: Segment) => segment.parts.reduce((sum, part) => sum + part.data.length, 0)
