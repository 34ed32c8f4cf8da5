import { type Segment, sizeOf } from './segment.ts'

export interface WindowOptions {
  /** EXT-X-TARGETDURATION, s. */
  targetDuration: number
  /** Length of the playlist, ms; at least 6 target durations. */
  windowMs: number
  /** EXT-X-DISCONTINUITY-SEQUENCE to begin with. */
  startDiscontinuity: number
}

/**
 * Maximum size of the media of a rendition, bytes: 20 s at the highest bitrate that ingest accepts. Beyond it
 * segments are forgotten earlier.
 */
const maxBytes = 128 * 1024 * 1024
/** Maximum number of segments that are kept after they left the playlist. Gaps may have no length. */
const maxRetired = 32

export type SegmentWindow = ReturnType<typeof createSegmentWindow>

/**
 * Holds the complete segments of a rendition: those in the playlist, and those that have left it but can
 * still be fetched.
 */
export function createSegmentWindow({ targetDuration, windowMs, startDiscontinuity }: WindowOptions) {
  const listed: Segment[] = []
  const retired: Segment[] = []
  let listedMs = 0
  let retiredMs = 0
  let bytes = 0
  let discontinuitySequence = startDiscontinuity

  /**
   * How long segments are kept after they left the playlist, ms. RFC 8216bis 6.2.2: "If the server removes a
   * Media Segment URI from a Playlist that does not contain an EXT-X-ENDLIST tag, clients MUST be able to
   * download the segment until the time at which it first appeared in the Playlist plus the segment's
   * Availability Duration", which is its own duration and that of the playlist. What was in the playlist for
   * as long as that has its own duration left, here with room for uneven segments. Parts are kept as long as
   * their segment: "Clients MUST be able to download the Partial Segment for at least three Target Durations
   * after the EXT-X-PART tag is removed from the Playlist", which is six behind the live edge.
   */
  const keptMs = Math.max(2 * targetDuration * 1000, 6 * targetDuration * 1000 - windowMs)
  /** Minimum length of the playlist, ms, whatever the size of its media. */
  const minListedMs = 3 * targetDuration * 1000

  /**
   * RFC 8216bis 6.2.2: "The server MUST NOT remove a Media Segment from a Playlist file without an
   * EXT-X-ENDLIST tag if that would produce a Playlist whose duration is less than three times the Target
   * Duration."
   */
  function trim() {
    for (const segment of [...listed]) {
      const leftMs = listedMs - segment.durationMs
      if (leftMs < windowMs && !(bytes > maxBytes && leftMs >= minListedMs)) break
      listed.shift()
      listedMs = leftMs
      retired.push(segment)
      retiredMs += segment.durationMs
      // RFC 8216bis 6.2.2: "If the server removes an EXT-X-DISCONTINUITY tag from the Media Playlist, it MUST
      // increment the value of the EXT-X-DISCONTINUITY-SEQUENCE tag".
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
    }
  }

  return {
    /** Segments in the playlist, oldest first. */
    listed: listed as readonly Segment[],

    /** Value of EXT-X-DISCONTINUITY-SEQUENCE. */
    get discontinuitySequence() {
      return discontinuitySequence
    },

    add(segment: Segment): void {
      listed.push(segment)
      listedMs += segment.durationMs
      bytes += sizeOf(segment)
      trim()
    },

    /** Returns a segment that can be fetched, whether or not it is in the playlist. */
    find(msn: number): Segment | undefined {
      return listed.find((segment) => segment.msn === msn) ?? retired.find((segment) => segment.msn === msn)
    },

    holdsEpoch: (epoch: number) => [...retired, ...listed].some((segment) => segment.epoch === epoch),
  }
}
