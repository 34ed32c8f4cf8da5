import type { RenditionStream } from '../window/rendition-stream.ts'
import { skipBoundaryMs, skipTag } from './delta-update.ts'
import { seconds, tag, word } from './tag.ts'

/** EXT-X-VERSION (RFC 8216bis 8): 6 because of EXT-X-MAP; 9 in delta updates because of EXT-X-SKIP. */
const version = { full: 6, delta: 9 }

export interface PlaylistLengths {
  /** EXT-X-TARGETDURATION, seconds. */
  targetDuration: number
  /** PART-TARGET, ms; null when playlists list no parts. */
  partTargetMs: number | null
}

/**
 * Returns the tags before the first segment of a media playlist. `skipped`: number of segments that a delta
 * update leaves out.
 */
export function headTags(
  { targetDuration, partTargetMs }: PlaylistLengths,
  { window, listedOpen, nextMsn }: RenditionStream,
  skipped: number,
): string[] {
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${skipped > 0 ? version.delta : version.full}`,
    // This value must not change as long as the playlist exists (RFC 8216bis 6.2.1). So it comes from the
    // settings, not from the segments.
    `#EXT-X-TARGETDURATION:${targetDuration}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    serverControl(targetDuration, partTargetMs),
    ...(partTargetMs === null ? [] : [partInf(partTargetMs)]),
    `#EXT-X-MEDIA-SEQUENCE:${window.listed[0]?.msn ?? listedOpen?.msn ?? nextMsn}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitySequence}`,
    ...(skipped > 0 ? [skipTag(skipped)] : []),
  ]
}

/**
 * Returns EXT-X-SERVER-CONTROL (RFC 8216bis 4.4.3.8), which offers blocking reloads and delta updates, and
 * states the hold-back.
 */
function serverControl(targetDuration: number, partTargetMs: number | null): string {
  return tag('EXT-X-SERVER-CONTROL', {
    'CAN-BLOCK-RELOAD': word('YES'),
    // Must be at least six target durations (RFC 8216bis 4.4.3.8).
    'CAN-SKIP-UNTIL': skipBoundaryMs(targetDuration) / 1000,
    'HOLD-BACK': holdBackMs(targetDuration, null) / 1000,
    'PART-HOLD-BACK': partTargetMs === null ? undefined : seconds(holdBackMs(targetDuration, partTargetMs)),
  })
}

/**
 * Returns the distance from the live edge that players should keep, ms: three part targets or, without parts,
 * three target durations. RFC 8216bis 4.4.3.8 requires at least two part targets and recommends three;
 * without parts, it requires at least three target durations.
 */
export const holdBackMs = (targetDuration: number, partTargetMs: number | null): number =>
  partTargetMs === null ? 3000 * targetDuration : 3 * partTargetMs

/** Returns EXT-X-PART-INF (RFC 8216bis 4.4.3.7), which every playlist with parts must have. */
const partInf = (partTargetMs: number) => tag('EXT-X-PART-INF', { 'PART-TARGET': seconds(partTargetMs) })
