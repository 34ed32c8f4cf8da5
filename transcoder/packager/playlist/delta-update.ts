import type { Segment } from '../window/segment.ts'
import { tag } from './tag.ts'

/**
 * Returns the skip boundary (CAN-SKIP-UNTIL), ms: six target durations, the minimum of RFC 8216bis 4.4.3.8.
 * `targetDuration` is in seconds.
 */
export const skipBoundaryMs = (targetDuration: number) => 6 * targetDuration * 1000

/**
 * Returns how many of the `listed` segments a delta update leaves out: those whose end is further from the
 * end of the playlist than the skip boundary (RFC 8216bis 6.2.5.1). `openMs`: length of the parts that the
 * playlist lists after them, ms.
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
