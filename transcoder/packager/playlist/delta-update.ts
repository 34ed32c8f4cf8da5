import type { Segment } from '../window/segment.ts'
import { tag } from './tag.ts'

/** Returns CAN-SKIP-UNTIL, ms: delta updates leave out segments further from the end of the last segment. */
export const skipBoundaryMs = (targetDuration: number) => 6 * targetDuration * 1000

/**
 * Returns how many segments a delta update leaves out (RFC 8216bis 6.2.5.1): "Media Segments that are further
 * from the end of the last (Parent) Media Segment in the Playlist than the Skip Boundary, as well as their
 * associated tags, are replaced by an EXT-X-SKIP tag". `openMs`: length of the segment that is growing, ms.
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

/** EXT-X-SKIP (RFC 8216bis 4.4.5.2). There are no date ranges, so none were removed. */
export const skipTag = (count: number) => tag('EXT-X-SKIP', { 'SKIPPED-SEGMENTS': count })
