import type { RenditionStream } from '../window/rendition-stream.ts'
import { skipBoundaryMs, skipTag } from './delta-update.ts'
import { seconds, tag, word } from './tag.ts'

/** RFC 8216bis 8: version 6 for EXT-X-MAP without I-frames only, 9 for EXT-X-SKIP. */
const version = { full: 6, delta: 9 }

/** What the head of a media playlist says about its presentation. */
export interface PlaylistLengths {
  /** EXT-X-TARGETDURATION, s. */
  targetDuration: number
  /** PART-TARGET, ms; null without parts. */
  partTargetMs: number | null
}

/**
 * Tags in front of the segments of a media playlist. `skipped`: number of segments that a delta update leaves
 * out.
 */
export function headTags(
  { targetDuration, partTargetMs }: PlaylistLengths,
  { window, listedOpen, nextMsn }: RenditionStream,
  skipped: number,
): string[] {
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${skipped > 0 ? version.delta : version.full}`,
    // RFC 8216bis 6.2.1: "The value of the EXT-X-TARGETDURATION tag in the Media Playlist MUST NOT change."
    `#EXT-X-TARGETDURATION:${targetDuration}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    serverControl(targetDuration, partTargetMs),
    ...(partTargetMs === null ? [] : [partInf(partTargetMs)]),
    `#EXT-X-MEDIA-SEQUENCE:${window.listed[0]?.msn ?? listedOpen?.msn ?? nextMsn}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitySequence}`,
    ...(skipped > 0 ? [skipTag(skipped)] : []),
  ]
}

/** EXT-X-SERVER-CONTROL (RFC 8216bis 4.4.3.8), the same in every media playlist of a presentation. */
function serverControl(targetDuration: number, partTargetMs: number | null): string {
  return tag('EXT-X-SERVER-CONTROL', {
    'CAN-BLOCK-RELOAD': word('YES'),
    // "The Skip Boundary MUST be at least six times the Target Duration."
    'CAN-SKIP-UNTIL': skipBoundaryMs(targetDuration) / 1000,
    // "Its value MUST be at least three times the Target Duration."
    'HOLD-BACK': 3 * targetDuration,
    // "Its value MUST be at least twice the Part Target Duration. Its value SHOULD be at least three times
    // the Part Target Duration." The authoring specification for Apple devices makes that SHOULD a MUST.
    'PART-HOLD-BACK': partTargetMs === null ? undefined : seconds(3 * partTargetMs),
  })
}

/**
 * EXT-X-PART-INF (RFC 8216bis 4.4.3.7): "It is REQUIRED if a Playlist contains one or more EXT-X-PART tags."
 */
const partInf = (partTargetMs: number) => tag('EXT-X-PART-INF', { 'PART-TARGET': seconds(partTargetMs) })
