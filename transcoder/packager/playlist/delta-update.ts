import type { Segment } from '../window/segment.ts'
import { tag } from './tag.ts'

/**
 * Returns CAN-SKIP-UNTIL, ms. A delta update leaves out the segments that are further from the end of the
 * playlist.
 */
export const skipBoundaryMs = (targetDuration: number) => 6 * targetDuration * 1000

/**
 * Returns the number of segments that a delta update leaves out: those that end further than the skip
 * boundary from the end of the playlist (RFC 8216bis 6.2.5.1). `openMs`: length of the open segment, ms.
 */
export function skippedSegments(listed: readonly Segment[], openMs: number, targetDuration: number): number {
  let fromEndMs = openMs
  let kept = 0
  for (const segment of listed.toReversed()) {
    if (fromEndMs > skipBoundaryMs(targetDuration)) break
    fromEndMs += segment.durationMs
    kept++
  }
  return listed.length - kept
}

/**
 * Returns EXT-X-SKIP (RFC 8216bis 4.4.5.2) for `count` segments. Our playlists have no date ranges, so
 * RECENTLY-REMOVED-DATERANGES is not needed.
 */
export const skipTag = (count: number) => tag('EXT-X-SKIP', { 'SKIPPED-SEGMENTS': count })
