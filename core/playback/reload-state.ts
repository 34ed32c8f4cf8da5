import type { DeliveryDirectives } from './delivery-directives.ts'

/** Where a media playlist ends. */
export interface PlaylistEnd {
  /** Whether the playlist has EXT-X-ENDLIST. */
  isEnded: boolean
  /**
   * Media sequence number of the growing segment or, between two segments, of the one that will grow next.
   */
  nextMsn: number
  /** Number of listed parts of that segment. */
  openParts: number
  /** Number of parts of the segment before `nextMsn`; infinite when unknown. */
  lastParts: number
  /** PART-TARGET, ms; null when playlists list no parts. `_HLS_part` is then ignored. */
  partTargetMs: number | null
}

/**
 * `ready`: the playlist has what the request names. `pending`: the request is to be held. `refused`: the
 * request is too far ahead to be held.
 */
export type ReloadState = 'ready' | 'pending' | 'refused'

/** Decides how to respond to a request with delivery directives (RFC 8216bis 6.2.5.2). */
export function reloadState(
  end: PlaylistEnd,
  { msn, part }: Pick<DeliveryDirectives, 'msn' | 'part'>,
): ReloadState {
  // An ended playlist never changes, so requests for it must not wait (RFC 8216bis 6.2.5.2).
  if (end.isEnded || msn === undefined) return 'ready'
  const { nextMsn, openParts, partTargetMs } = end
  // A request for a segment more than two after the last complete one should get 400 (RFC 8216bis 6.2.5.2).
  if (msn > nextMsn + 1) return 'refused'
  // Otherwise the response must wait for the named segment or a later one (RFC 8216bis 6.2.5.2).
  if (part === undefined || partTargetMs === null) return msn < nextMsn ? 'ready' : 'pending'
  if (msn < nextMsn) {
    // A request for a part after the last one of its segment counts as one for part 0 of the next segment
    // (RFC 8216bis 6.2.5.2). A request for an older part gets the playlist at once, although that may not
    // list the part any more.
    return msn === nextMsn - 1 && part >= end.lastParts && openParts === 0 ? 'pending' : 'ready'
  }
  const published = msn === nextMsn ? openParts : 0
  if (part < published) return 'ready'
  return part - (published - 1) > advancePartLimit(partTargetMs) ? 'refused' : 'pending'
}

/**
 * Returns the number of parts by which a request may be ahead: as many as fit into three seconds, or three if
 * a part lasts a second or longer (RFC 8216bis 6.2.5.2).
 */
function advancePartLimit(partTargetMs: number): number {
  return partTargetMs < 1000 ? 3000 / partTargetMs : 3
}
