import type { RenditionStream } from '../rendition-stream.ts'
import { tag } from './tag.ts'

/**
 * EXT-X-RENDITION-REPORT of every other rendition (RFC 8216bis 4.4.5.4): "information about an associated Rendition that is as up-to-date
 * as the Playlist that contains it." The playlists lie in one folder, so the URI is a name.
 */
export function renditionReports(of: RenditionStream, streams: Iterable<RenditionStream>): string[] {
  return [...streams].flatMap((stream) => (stream === of ? [] : report(stream)))
}

function report(stream: RenditionStream): string[] {
  const { plan, open, window, hasParts } = stream
  const last = hasParts && open && open.parts.length > 0 ? open : window.listed.at(-1)
  if (!last) return []
  return [
    tag('EXT-X-RENDITION-REPORT', {
      URI: `${plan.name}.m3u8`,
      // "the Media Sequence Number of the last Media Segment currently in the specified Rendition. If the Rendition contains Partial
      // Segments then this value is the Media Sequence Number of the last Partial Segment."
      'LAST-MSN': last.msn,
      // "the Part Index of the last Partial Segment currently in the specified Rendition whose Media Sequence Number is equal to the
      // LAST-MSN attribute value."
      'LAST-PART': hasParts && last.parts.length > 0 ? last.parts.length - 1 : undefined,
    }),
  ]
}
