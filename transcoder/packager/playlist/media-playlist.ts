import type { RenditionStream } from '../window/rendition-stream.ts'
import type { Segment } from '../window/segment.ts'
import { skippedSegments } from './delta-update.ts'
import { headTags, type PlaylistLengths } from './head-tags.ts'
import { preloadHint, renditionReports } from './live-edge-tags.ts'
import { partTags, segmentHead, segmentsWithParts, segmentTail } from './segment-tags.ts'

/** State of a presentation that each of its media playlists is rendered from. */
export interface PlaylistContext extends PlaylistLengths {
  /** All renditions by name, for the rendition reports. */
  streams: ReadonlyMap<string, RenditionStream>
}

/**
 * Renders a media playlist (RFC 8216bis 4). With `isDelta` it is a delta update if there is anything to skip
 * and the presentation has not ended.
 */
export function mediaPlaylist(context: PlaylistContext, stream: RenditionStream, isDelta: boolean): string {
  const { targetDuration, streams } = context
  const { plan, window, listedOpen, isEnded } = stream
  const { listed } = window
  const openMs = listedOpen?.durationMs ?? 0
  const skipped = isDelta && !isEnded ? skippedSegments(listed, openMs, targetDuration) : 0
  const withParts = stream.hasParts ? segmentsWithParts(stream, targetDuration) : new Set<Segment>()
  const lines = headTags(context, stream, skipped)
  // The first segment after those skipped names its init segment again. Shaka Player 5.2 does not remember
  // it: it appends such a segment without an init segment, and playback ends.
  const before = (index: number) => (index === skipped ? undefined : listed[index - 1])
  for (const [index, segment] of listed.entries()) {
    if (index < skipped) continue
    lines.push(...segmentHead(plan.name, segment, before(index)))
    if (withParts.has(segment)) lines.push(...partTags(plan.name, segment))
    lines.push(...segmentTail(plan.name, segment))
  }
  if (listedOpen)
    lines.push(
      ...segmentHead(plan.name, listedOpen, before(listed.length)),
      ...partTags(plan.name, listedOpen),
    )
  // A playlist with the last segment of a presentation must have this tag (RFC 8216bis 6.2.1). Players then
  // stop polling.
  if (isEnded) lines.push('#EXT-X-ENDLIST')
  else lines.push(...preloadHint(stream), ...renditionReports(stream, streams.values()))
  return `${lines.join('\n')}\n`
}
