import type { DeliveryDirectives } from '../../../core/playback/delivery-directives.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'

type ReloadState = 'ready' | 'pending' | 'refused'

/**
 * Decides whether a playlist contains what a request waits for. `refused`: the request is too far ahead to be
 * held. `partTargetMs` is null when playlists list no parts; `_HLS_part` is then ignored.
 */
export function reloadState(
  stream: RenditionStream,
  { msn, part }: DeliveryDirectives,
  partTargetMs: number | null,
): ReloadState {
  // An ended playlist never changes, so requests for it must not wait (RFC 8216bis 6.2.5.2).
  if (stream.isEnded) return 'ready'
  // Some players fail at a playlist that has only parts. So a request without directives waits for the first
  // complete segment.
  if (msn === undefined) return stream.window.listed.length > 0 ? 'ready' : 'pending'
  const lastMsn = stream.nextMsn - 1
  // A request that is more than two segments or too many parts ahead should get a 400 (RFC 8216bis 6.2.5.2).
  if (msn > lastMsn + 2) return 'refused'
  // Otherwise the response must wait for the requested segment, or a later one (RFC 8216bis 6.2.5.2).
  if (part === undefined || partTargetMs === null) return msn <= lastMsn ? 'ready' : 'pending'
  if (msn <= lastMsn) {
    // A request for a part after the last one of its segment counts as one for part 0 of the next segment
    // (RFC 8216bis 6.2.5.2). A request for an old part gets the playlist at once, although the part is no
    // longer in it.
    const isPastEnd = part >= (stream.window.find(msn)?.parts.length ?? Number.POSITIVE_INFINITY)
    return msn === lastMsn && isPastEnd && openParts(stream, msn + 1) === 0 ? 'pending' : 'ready'
  }
  const published = openParts(stream, msn)
  if (part < published) return 'ready'
  return part - (published - 1) > advancePartLimit(partTargetMs) ? 'refused' : 'pending'
}

/** Returns the number of parts of segment `msn` while it is growing; 0 for any other segment. */
function openParts(stream: RenditionStream, msn: number): number {
  return stream.open?.msn === msn ? stream.open.parts.length : 0
}

/**
 * Returns the number of parts that a request may be ahead: as many as fit into three seconds, or three if a
 * part lasts a second or longer (RFC 8216bis 6.2.5.2).
 */
function advancePartLimit(partTargetMs: number): number {
  return partTargetMs < 1000 ? 3000 / partTargetMs : 3
}
