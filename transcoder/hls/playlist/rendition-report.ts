import type { RenditionStream } from '../rendition-stream.ts'
import { tag } from './tag.ts'

/**
 * EXT-X-RENDITION-REPORT (RFC 8216bis 4.4.5.4) of every other rendition, as it is at this moment: "A Server … SHOULD … provide up-to-date
 * information". Both playlists lie in one folder, so the URI is a name.
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
      // "LAST-MSN: … the Media Sequence Number of the last Media Segment currently in the specified Rendition."
      'LAST-MSN': last.msn,
      // "LAST-PART: … the Part Index of the last Partial Segment currently in the specified Rendition whose Media Sequence Number is
      // equal to the value of LAST-MSN."
      'LAST-PART': hasParts && last.parts.length > 0 ? last.parts.length - 1 : undefined,
    }),
  ]
}
