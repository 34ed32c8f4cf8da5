import { initUri, partUri, segmentUri } from '../../../core/playback/media-paths.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import type { Segment } from '../window/segment.ts'
import { seconds, tag, word } from './tag.ts'

/**
 * Returns the tags before the parts and the URI of a segment. `previous`: the segment before it in the
 * playlist; undefined for the first.
 */
export function segmentHead(rendition: string, segment: Segment, previous: Segment | undefined): string[] {
  const hasNewInit = previous?.epoch !== segment.epoch
  return [
    // A change of encoding parameters or timestamps must be announced (RFC 8216bis 6.2.1). Players then reset
    // their decoders.
    ...(segment.hasDiscontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
    // EXT-X-MAP applies to all segments up to the next EXT-X-MAP (RFC 8216bis 4.4.4.5). Each epoch has an
    // init segment of its own.
    ...(hasNewInit ? [tag('EXT-X-MAP', { URI: initUri(segment.epoch, rendition) })] : []),
    // Each segment has a date, so that players can calculate their latency at any time.
    `#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(segment.date)).toISOString()}`,
  ]
}

/** Returns the tags and the URI that follow the parts of a complete segment. */
export function segmentTail(rendition: string, segment: Segment): string[] {
  return [
    // A segment without media must be marked, so that players do not request it (RFC 8216bis 6.2.1).
    ...(segment.isGap ? ['#EXT-X-GAP'] : []),
    `#EXTINF:${(segment.durationMs / 1000).toFixed(5)},`,
    segmentUri(segment.epoch, rendition, segment.msn),
  ]
}

/** Returns a tag for each part. Rounding errors of their lengths do not add up. */
export function partTags(rendition: string, segment: Segment): string[] {
  const ends = endsOf(segment.parts.map(({ durationMs }) => durationMs))
  return segment.parts.map((part, index) =>
    tag('EXT-X-PART', {
      DURATION: seconds((ends[index] ?? 0) - (ends[index - 1] ?? 0)),
      URI: partUri(segment.epoch, rendition, segment.msn, index),
      INDEPENDENT: part.isIndependent ? word('YES') : undefined,
    }),
  )
}

/** Returns where each part ends, from the start of the first, rounded to 10 µs; ms. */
function endsOf(lengthsMs: readonly number[]): number[] {
  const ends: number[] = []
  let endMs = 0
  for (const lengthMs of lengthsMs) {
    endMs += lengthMs
    ends.push(seconds(endMs) * 1000)
  }
  return ends
}

/**
 * Returns the complete segments whose parts are listed. Parts should leave the playlist when they are more
 * than three target durations from its end (RFC 8216bis 6.2.2).
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
