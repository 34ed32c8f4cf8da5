import type { DeliveryDirectives } from '../../../core/playback/delivery-directives.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'

type ReloadState = 'ready' | 'pending' | 'refused'

/**
 * Returns whether a playlist has what a request waits for. `refused`: it is too far ahead to wait for.
 * `partTargetMs` is null without parts; `_HLS_part` is ignored then.
 */
export function reloadState(
  stream: RenditionStream,
  { msn, part }: DeliveryDirectives,
  partTargetMs: number | null,
): ReloadState {
  // RFC 8216bis 6.2.5.2: "A Server MUST ignore _HLS_msn and _HLS_part if the Playlist contains an
  // EXT-X-ENDLIST tag."
  if (stream.isEnded) return 'ready'
  // Players that cannot start from parts alone fail at a playlist without segments, so the first plain
  // request waits for the first segment.
  if (msn === undefined) return stream.window.listed.length > 0 ? 'ready' : 'pending'
  const lastMsn = stream.nextMsn - 1
  // "If the _HLS_msn is greater than the Media Sequence Number of the last Media Segment in the current
  // Playlist plus two, or if the _HLS_part exceeds the last Partial Segment in the current Playlist by the
  // Advance Part Limit, then the server SHOULD immediately return Bad Request, such as HTTP 400."
  if (msn > lastMsn + 2) return 'refused'
  // "the Server MUST defer responding to the request until the Playlist contains a Media Segment with a Media
  // Sequence Number of M or later".
  if (part === undefined || partTargetMs === null) return msn <= lastMsn ? 'ready' : 'pending'
  if (msn <= lastMsn) {
    // "If the Client requests a Part Index greater than that of the final Partial Segment of the Parent
    // Segment, the Server MUST treat the request as one for Part Index 0 of the following Parent Segment." A
    // request for an old part gets the whole playlist at once: "even if it is no longer in the Playlist".
    const isPastEnd = part >= (stream.window.find(msn)?.parts.length ?? Number.POSITIVE_INFINITY)
    return msn === lastMsn && isPastEnd && openParts(stream, msn + 1) === 0 ? 'pending' : 'ready'
  }
  const published = openParts(stream, msn)
  if (part < published) return 'ready'
  return part - (published - 1) > advancePartLimit(partTargetMs) ? 'refused' : 'pending'
}

/** Returns the number of parts of the segment that is growing, if it is `msn`. */
function openParts(stream: RenditionStream, msn: number): number {
  return stream.open?.msn === msn ? stream.open.parts.length : 0
}

/**
 * "three divided by the Part Target Duration if the Part Target Duration is less than one second, or three
 * otherwise."
 */
function advancePartLimit(partTargetMs: number): number {
  return partTargetMs < 1000 ? 3000 / partTargetMs : 3
}
