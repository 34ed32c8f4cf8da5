import type { Segment } from './segment.ts'

export interface WindowOptions {
  /** EXT-X-TARGETDURATION, s. */
  targetDuration: number
  /** Length of the playlist, ms; at least 6 target durations. */
  windowMs: number
  /** EXT-X-DISCONTINUITY-SEQUENCE to begin with. */
  startDiscontinuity: number
}

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
  let discontinuitySequence = startDiscontinuity

  /**
   * How long segments are kept after they left the playlist, ms. RFC 8216bis 6.2.2: "If the server removes a
   * Media Segment URI from a Playlist that does not contain an EXT-X-ENDLIST tag, clients MUST be able to
   * download the segment until the time at which it first appeared in the Playlist plus the segment's
   * Availability Duration". Most of that time is spent in the playlist; this is the rest, with room for the
   * longest segments. Parts are kept as long as their segment: "Clients MUST be able to download the Partial
   * Segment for at least three Target Durations after the EXT-X-PART tag is removed from the Playlist."
   */
  const keptMs = 4 * targetDuration * 1000

  /**
   * RFC 8216bis 6.2.2: "The server MUST NOT remove a Media Segment from a Playlist file without an
   * EXT-X-ENDLIST tag if that would produce a Playlist whose duration is less than three times the Target
   * Duration."
   */
  function trim() {
    for (const segment of [...listed]) {
      if (listedMs - segment.durationMs < windowMs) break
      listed.shift()
      listedMs -= segment.durationMs
      retired.push(segment)
      retiredMs += segment.durationMs
      // RFC 8216bis 6.2.2: "If the server removes an EXT-X-DISCONTINUITY tag from the Media Playlist, it MUST
      // increment the value of the EXT-X-DISCONTINUITY-SEQUENCE tag".
      if (segment.hasDiscontinuity) discontinuitySequence++
    }
    for (const segment of [...retired]) {
      if (retiredMs - segment.durationMs < keptMs) break
      retired.shift()
      retiredMs -= segment.durationMs
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
      trim()
    },

    /** Returns a segment that can be fetched, whether or not it is in the playlist. */
    find(msn: number): Segment | undefined {
      return listed.find((segment) => segment.msn === msn) ?? retired.find((segment) => segment.msn === msn)
    },

    holdsEpoch: (epoch: number) => [...retired, ...listed].some((segment) => segment.epoch === epoch),
  }
}
