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

/** Place of a part in media paths. */
export interface PartPlace {
  epoch: number
  msn: number
  part: number
}

/** A part of a stored segment. Its bytes follow those of the parts before it. */
export interface StoredPart extends Pick<Part, 'durationMs' | 'isIndependent' | 'frames'> {
  bytes: number
}

/** Media of a segment that another transcoder made, which comes from the segment store. */
export interface StoredMedia {
  readonly bytes: number
  /** Parts in which the segment was published; empty when unknown. */
  readonly parts: readonly StoredPart[]
  /** Returns the media; undefined when it is not available. Reads it once, and keeps it until `drop`. */
  read(): Promise<Buffer | undefined>
  /** Whether the media is not available. */
  readonly isLost: boolean
  /** The media, once it has been read. */
  readonly data: Buffer | undefined
  drop(): void
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
  /** Empty for the segment of another transcoder that has not been read. */
  parts: Part[]
  durationMs: number
  stored?: StoredMedia
  /** Frees the media after the segment has left the window. */
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
export const sizeOf = ({ parts, stored }: Segment) =>
  stored?.bytes ?? parts.reduce((sum, part) => sum + part.data.length, 0)

/** Returns the media of a segment that is in memory, in pieces. */
export function mediaOf({ parts, stored }: Segment): Buffer[] {
  if (stored === undefined || parts.length > 0) return parts.map(({ data }) => data)
  return stored.data ? [stored.data] : []
}

/**
 * Divides the media of a stored segment, once it has been read, into the parts in which it was published.
 * hls.js loads parts only where a playlist lists some before its buffer ends.
 */
export function divideIntoParts({ parts, stored, startMs }: Segment): void {
  const media = stored?.data
  if (stored === undefined || media === undefined || parts.length > 0) return
  let [at, endMs] = [0, startMs]
  for (const { bytes, ...part } of stored.parts) {
    endMs += part.durationMs
    parts.push({ ...part, endMs, data: media.subarray(at, at + bytes) })
    at += bytes
  }
}
