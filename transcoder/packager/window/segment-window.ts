import { mediaOf, type Segment, sizeOf } from './segment.ts'

export interface WindowOptions {
  /** EXT-X-TARGETDURATION, seconds. */
  targetDuration: number
  /** Length of playlist that remains when a segment leaves it, ms; less if the media exceeds `maxBytes`. */
  windowMs: number
  /** EXT-X-DISCONTINUITY-SEQUENCE of the first segment. */
  startDiscontinuity: number
  /** Called when a segment can no longer be fetched, before its media is freed. */
  onForgotten: (segment: Segment) => void
}

/**
 * Maximum size of the media of a rendition, bytes: about 20 s at 50 Mbit/s, the default limit of ingest.
 * Above it segments are dropped earlier.
 */
const maxBytes = 128 * 1024 * 1024
/**
 * Maximum number of segments that are kept after they left the playlist. The limit `keptMs` is not enough,
 * because the length of gaps may be 0.
 */
const maxRetired = 32

export type SegmentWindow = ReturnType<typeof createSegmentWindow>

/**
 * Creates the window of a rendition: its complete segments in the playlist, and those that left it but can
 * still be fetched.
 */
export function createSegmentWindow({ targetDuration, windowMs, ...options }: WindowOptions) {
  const listed: Segment[] = []
  const retired: Segment[] = []
  const segments = () => [...retired, ...listed]
  let listedMs = 0
  let retiredMs = 0
  let bytes = 0
  let discontinuitySequence = options.startDiscontinuity

  /**
   * Time for which segments are kept after they left the playlist, ms. RFC 8216bis 6.2.2 requires about the
   * length of the segment; 1.5 target durations leave room for uneven segments. Parts are kept with their
   * segment. They must be available until they are six target durations behind the live edge.
   */
  const keptMs = Math.max(1.5 * targetDuration * 1000, 6 * targetDuration * 1000 - windowMs)
  /** Length of playlist that remains even if the media exceeds `maxBytes`, ms. */
  const minListedMs = 3 * targetDuration * 1000

  /** Removes segments from the playlist. Three target durations must remain (RFC 8216bis 6.2.2). */
  function trim() {
    for (const segment of [...listed]) {
      const leftMs = listedMs - segment.durationMs
      if (leftMs < windowMs && !(bytes > maxBytes && leftMs >= minListedMs)) break
      listed.shift()
      listedMs = leftMs
      retired.push(segment)
      retiredMs += segment.durationMs
      // When a discontinuity leaves the playlist, the discontinuity sequence must increase (RFC 8216bis
      // 6.2.2).
      if (segment.hasDiscontinuity) discontinuitySequence++
      forgetRetired()
    }
    forgetRetired()
  }

  function forgetRetired() {
    for (const segment of [...retired]) {
      if (retiredMs - segment.durationMs < keptMs && retired.length <= maxRetired && bytes <= maxBytes) break
      retired.shift()
      retiredMs -= segment.durationMs
      bytes -= sizeOf(segment)
      options.onForgotten(segment)
      segment.memory.forget(mediaOf(segment))
      segment.stored?.drop()
    }
  }

  return {
    /** Segments in the playlist, oldest first. */
    listed: listed as readonly Segment[],

    /** EXT-X-DISCONTINUITY-SEQUENCE of the present playlist. To be set only while it is empty. */
    get discontinuitySequence() {
      return discontinuitySequence
    },
    set discontinuitySequence(sequence) {
      discontinuitySequence = sequence
    },

    add(segment: Segment): void {
      listed.push(segment)
      listedMs += segment.durationMs
      bytes += sizeOf(segment)
      trim()
    },

    /**
     * Returns a segment that can be fetched, also if it has left the playlist; undefined when it has been
     * dropped.
     */
    find(msn: number): Segment | undefined {
      return listed.find((segment) => segment.msn === msn) ?? retired.find((segment) => segment.msn === msn)
    },

    /** Returns all segments that can be fetched, oldest first. */
    segments,
    holdsEpoch: (epoch: number) => segments().some((segment) => segment.epoch === epoch),
  }
}
