import { initUri, segmentUri } from '../../../core/playback/media-paths.ts'
import type { Segment } from '../segment.ts'
import { tag } from './tag.ts'

/** Tags that stand before the parts and the URI of a segment; `before` is the segment before it in the playlist, if any. */
export function segmentHead(rendition: string, segment: Segment, before: Segment | undefined): string[] {
  const hasNewInit = before?.epoch !== segment.epoch
  return [
    // RFC 8216bis 6.2.1: "Any changes in encoding parameters … MUST be signalled by the use of EXT-X-DISCONTINUITY."
    ...(segment.hasDiscontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
    // RFC 8216bis 4.4.4.5: EXT-X-MAP "applies to every Media Segment that appears after it in the Playlist until the next EXT-X-MAP tag".
    ...(hasNewInit ? [tag('EXT-X-MAP', { URI: initUri(segment.epoch, rendition) })] : []),
    // RFC 8216bis 6.2.1: "it SHOULD apply an EXT-X-PROGRAM-DATE-TIME tag to every segment that has an EXT-X-DISCONTINUITY tag".
    `#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(segment.date)).toISOString()}`,
  ]
}

/** Tags and URI that close a segment. */
export function segmentTail(rendition: string, segment: Segment): string[] {
  return [
    // RFC 8216bis 6.2.1: "These Media Segments MUST have EXT-X-GAP tags applied to them."
    ...(segment.isGap ? ['#EXT-X-GAP'] : []),
    `#EXTINF:${(segment.durationMs / 1000).toFixed(5)},`,
    segmentUri(segment.epoch, rendition, segment.msn),
  ]
}
