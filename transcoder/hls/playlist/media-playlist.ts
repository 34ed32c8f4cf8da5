import type { Presentation } from '../interface.ts'
import type { RenditionStream } from '../rendition-stream.ts'
import { partInf, partTags, preloadHint, segmentsWithParts } from './part-tags.ts'
import { renditionReports } from './rendition-report.ts'
import { segmentHead, segmentTail } from './segment-tags.ts'
import { serverControl } from './server-control.ts'
import { skippedSegments, skipTag } from './skip.ts'

/** What a media playlist tells of its presentation. */
export type PlaylistContext = Pick<Presentation, 'streams' | 'targetDuration' | 'partTargetMs'>

/** RFC 8216bis 8: 6 for EXT-X-MAP without I-frames only, 9 for EXT-X-SKIP. */
const version = { full: 6, delta: 9 }

/** A media playlist as it is now (RFC 8216bis 4); a delta update when `isDelta` and there is something to skip. */
export function mediaPlaylist(context: PlaylistContext, stream: RenditionStream, isDelta: boolean): string {
  const { targetDuration, partTargetMs, streams } = context
  const { plan, window, open, isEnded } = stream
  const { listed } = window
  const growing = stream.hasParts && open && open.parts.length > 0 ? open : undefined
  const skipped = isDelta && !isEnded ? skippedSegments(listed, growing?.durationMs ?? 0, targetDuration) : 0
  const withParts = stream.hasParts ? segmentsWithParts(stream, targetDuration) : new Set()
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${skipped > 0 ? version.delta : version.full}`,
    // RFC 8216bis 6.2.1: "The value of the EXT-X-TARGETDURATION tag in the Media Playlist MUST NOT change."
    `#EXT-X-TARGETDURATION:${targetDuration}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    serverControl(targetDuration, partTargetMs),
    ...(partTargetMs === null ? [] : [partInf(partTargetMs)]),
    `#EXT-X-MEDIA-SEQUENCE:${listed[0]?.msn ?? growing?.msn ?? stream.nextMsn}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitySequence}`,
    ...(skipped > 0 ? [skipTag(skipped)] : []),
  ]
  for (const [index, segment] of listed.entries()) {
    if (index < skipped) continue
    lines.push(...segmentHead(plan.name, segment, listed[index - 1]))
    if (withParts.has(segment)) lines.push(...partTags(plan.name, segment))
    lines.push(...segmentTail(plan.name, segment))
  }
  if (growing) lines.push(...segmentHead(plan.name, growing, listed.at(-1)), ...partTags(plan.name, growing))
  // RFC 8216bis 6.2.1: "If the Media Playlist contains the final Media Segment of the presentation, then the Playlist file MUST contain
  // the EXT-X-ENDLIST tag."
  lines.push(...(isEnded ? ['#EXT-X-ENDLIST'] : preloadHint(stream)))
  if (!isEnded) lines.push(...renditionReports(stream, streams.values()))
  return `${lines.join('\n')}\n`
}
