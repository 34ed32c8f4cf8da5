import { partUri } from '../../../core/playback/media-paths.ts'
import type { RenditionStream } from '../window/rendition-stream.ts'
import { tag, word } from './tag.ts'

/**
 * EXT-X-PRELOAD-HINT (RFC 8216bis 4.4.5.3), if there is one. RFC 8216bis 6.2.6: "A hinted resource MUST be
 * available for request when its EXT-X-PRELOAD-HINT tag is added to the Playlist."
 */
export function preloadHint({ hint, plan }: RenditionStream): string[] {
  if (!hint) return []
  const uri = partUri(hint.epoch, plan.name, hint.msn, hint.part)
  return [tag('EXT-X-PRELOAD-HINT', { TYPE: word('PART'), URI: uri })]
}

/**
 * EXT-X-RENDITION-REPORT of every rendition but `own` (RFC 8216bis 4.4.5.4): "information about an associated
 * Rendition that is as up-to-date as the Playlist that contains it." All playlists are in one folder, so the
 * URI is a file name.
 */
export function renditionReports(own: RenditionStream, streams: Iterable<RenditionStream>): string[] {
  return [...streams].flatMap((stream) => (stream === own ? [] : report(stream)))
}

function report({ plan, listedOpen, window, hasParts }: RenditionStream): string[] {
  const last = listedOpen ?? window.listed.at(-1)
  if (!last) return []
  return [
    tag('EXT-X-RENDITION-REPORT', {
      URI: `${plan.name}.m3u8`,
      // "the Media Sequence Number of the last Media Segment currently in the specified Rendition. If the
      // Rendition contains Partial Segments then this value is the Media Sequence Number of the last Partial
      // Segment."
      'LAST-MSN': last.msn,
      // "the Part Index of the last Partial Segment currently in the specified Rendition whose Media Sequence
      // Number is equal to the LAST-MSN attribute value."
      'LAST-PART': hasParts && last.parts.length > 0 ? last.parts.length - 1 : undefined,
    }),
  ]
}
