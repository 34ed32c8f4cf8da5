import type { RenditionStream } from '../window/rendition-stream.ts'
import type { Segment } from '../window/segment.ts'
import { skippedSegments } from './delta-update.ts'
import { headTags, type PlaylistLengths } from './head-tags.ts'
import { preloadHint, renditionReports } from './live-edge-tags.ts'
import { partTags, segmentHead, segmentsWithParts, segmentTail } from './segment-tags.ts'

/** What a media playlist says about its presentation. */
export interface PlaylistContext extends PlaylistLengths {
  /** All renditions, by name. */
  streams: ReadonlyMap<string, RenditionStream>
}

/** Renders a media playlist (RFC 8216bis 4); a delta update if `isDelta` and there is something to skip. */
export function mediaPlaylist(context: PlaylistContext, stream: RenditionStream, isDelta: boolean): string {
  const { targetDuration, streams } = context
  const { plan, window, listedOpen, isEnded } = stream
  const { listed } = window
  const openMs = listedOpen?.durationMs ?? 0
  const skipped = isDelta && !isEnded ? skippedSegments(listed, openMs, targetDuration) : 0
  const withParts = stream.hasParts ? segmentsWithParts(stream, targetDuration) : new Set<Segment>()
  const lines = headTags(context, stream, skipped)
  for (const [index, segment] of listed.entries()) {
    if (index < skipped) continue
    lines.push(...segmentHead(plan.name, segment, listed[index - 1]))
    if (withParts.has(segment)) lines.push(...partTags(plan.name, segment))
    lines.push(...segmentTail(plan.name, segment))
  }
  if (listedOpen)
    lines.push(...segmentHead(plan.name, listedOpen, listed.at(-1)), ...partTags(plan.name, listedOpen))
  // RFC 8216bis 6.2.1: "If the Media Playlist contains the final Media Segment of the presentation, then the
  // Playlist file MUST contain the EXT-X-ENDLIST tag."
  if (isEnded) lines.push('#EXT-X-ENDLIST')
  else lines.push(...preloadHint(stream), ...renditionReports(stream, streams.values()))
  return `${lines.join('\n')}\n`
}
