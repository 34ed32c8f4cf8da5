import { partUri } from '../../../core/playback/media-paths.ts'
import type { RenditionStream } from '../rendition-stream.ts'
import type { Segment } from '../segment.ts'
import { seconds, tag, word } from './tag.ts'

/** EXT-X-PART-INF (RFC 8216bis 4.4.3.7): "It is REQUIRED if a Playlist contains one or more EXT-X-PART tags." */
export const partInf = (partTargetMs: number) =>
  tag('EXT-X-PART-INF', { 'PART-TARGET': seconds(partTargetMs) })

/** EXT-X-PART tags of a segment (RFC 8216bis 4.4.4.9). */
export function partTags(rendition: string, segment: Segment): string[] {
  return segment.parts.map((part, index) =>
    tag('EXT-X-PART', {
      DURATION: seconds(part.durationMs),
      URI: partUri(segment.epoch, rendition, segment.msn, index),
      INDEPENDENT: part.isIndependent ? word('YES') : undefined,
    }),
  )
}

/**
 * Which segments still show their parts. RFC 8216bis 6.2.2: "EXT-X-PART tags SHOULD be removed from the Playlist after they are greater
 * than three Target Durations from the end of the Playlist."
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

/**
 * EXT-X-PRELOAD-HINT (RFC 8216bis 4.4.5.3): "A hinted resource MUST be available for request when its EXT-X-PRELOAD-HINT tag is added to
 * the Playlist." (6.2.6)
 */
export function preloadHint(stream: RenditionStream): string[] {
  const { hint, plan } = stream
  if (!hint) return []
  const uri = partUri(hint.epoch, plan.name, hint.msn, hint.part)
  return [tag('EXT-X-PRELOAD-HINT', { TYPE: word('PART'), URI: uri })]
}
