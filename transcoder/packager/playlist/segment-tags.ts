import { initUri, partUri, segmentUri } from '../../../core/playback/media-paths.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import type { Segment } from '../window/segment.ts'
import { seconds, tag, word } from './tag.ts'

/**
 * Tags in front of the parts and the URI of a segment. `previous`: the segment before it in the playlist, if
 * any.
 */
export function segmentHead(rendition: string, segment: Segment, previous: Segment | undefined): string[] {
  const hasNewInit = previous?.epoch !== segment.epoch
  return [
    // RFC 8216bis 6.2.1: "Any changes in encoding parameters … MUST be signalled by the use of
    // EXT-X-DISCONTINUITY."
    ...(segment.hasDiscontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
    // RFC 8216bis 4.4.4.5: EXT-X-MAP "applies to every Media Segment that appears after it in the Playlist
    // until the next EXT-X-MAP tag".
    ...(hasNewInit ? [tag('EXT-X-MAP', { URI: initUri(segment.epoch, rendition) })] : []),
    // RFC 8216bis 6.2.1: "it SHOULD apply an EXT-X-PROGRAM-DATE-TIME tag to every segment that has an
    // EXT-X-DISCONTINUITY tag".
    `#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(segment.date)).toISOString()}`,
  ]
}

/** Tags and URI that end a complete segment. */
export function segmentTail(rendition: string, segment: Segment): string[] {
  return [
    // RFC 8216bis 6.2.1: "These Media Segments MUST have EXT-X-GAP tags applied to them."
    ...(segment.isGap ? ['#EXT-X-GAP'] : []),
    `#EXTINF:${(segment.durationMs / 1000).toFixed(5)},`,
    segmentUri(segment.epoch, rendition, segment.msn),
  ]
}

/** EXT-X-PART tags of a segment (RFC 8216bis 4.4.4.9). */
export function partTags(rendition: string, segment: Segment): string[] {
  return segment.parts.map((part, index) =>
    tag('EXT-X-PART', {
      DURATION: seconds(part.durationMs),
      URI: partUri(segment.epoch, rendition, segment.msn, index),
      INDEPENDENT: part.isIndependent ? word('YES') : undefined,
    }),
  )
}

/**
 * Returns the segments whose parts are listed. RFC 8216bis 6.2.2: "EXT-X-PART tags SHOULD be removed from the
 * Playlist after they are greater than three Target Durations from the end of the Playlist."
 */
export function segmentsWithParts(stream: RenditionStream, targetDuration: number): ReadonlySet<Segment> {
  const shown = new Set<Segment>()
  let fromEndMs = stream.open?.durationMs ?? 0
  for (const segment of stream.window.listed.toReversed()) {
    if (fromEndMs > 3 * targetDuration * 1000) break
    shown.add(segment)
    fromEndMs += segment.durationMs
  }
  return shown
}
