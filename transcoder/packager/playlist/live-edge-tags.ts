import { partUri } from '../../../core/playback/media-paths.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import { tag, word } from './tag.ts'

/**
 * Returns EXT-X-PRELOAD-HINT (RFC 8216bis 4.4.5.3), or an empty list when no part is hinted. The origin
 * must accept requests for the hinted part, and hold them until the part exists (section 6.2.6).
 */
export function preloadHint({ hint, plan }: RenditionStream): string[] {
  if (!hint) return []
  const uri = partUri(hint.epoch, plan.name, hint.msn, hint.part)
  return [tag('EXT-X-PRELOAD-HINT', { TYPE: word('PART'), URI: uri })]
}

/**
 * Returns EXT-X-RENDITION-REPORT for every rendition that has media and is listed, except `own` (RFC 8216bis
 * 4.4.5.4). The media playlists of a session are in one folder, so the URI is a file name.
 */
export function renditionReports(own: RenditionStream, streams: Iterable<RenditionStream>): string[] {
  return [...streams].flatMap((stream) => (stream === own || stream.isDropped ? [] : report(stream)))
}

function report({ plan, listedOpen, window, hasParts }: RenditionStream): string[] {
  const last = listedOpen ?? window.listed.at(-1)
  if (!last) return []
  return [
    tag('EXT-X-RENDITION-REPORT', {
      URI: `${plan.name}.m3u8`,
      // Segment that contains the newest part; without parts, the newest segment.
      'LAST-MSN': last.msn,
      // Left out for a gap, which has no parts.
      'LAST-PART': hasParts && last.parts.length > 0 ? last.parts.length - 1 : undefined,
    }),
  ]
}
