import { readAttributes } from './multivariant.ts'

/** A part of a segment. Times are seconds from the start of the playlist. */
interface Part {
  url: string
  start: number
  end: number
  /** Whether playback can begin here. */
  independent: boolean
}

interface Segment {
  start: number
  end: number
  /** Undefined until the segment is complete. */
  url: string | undefined
  parts: Part[]
  /** URL of the init segment; undefined when the playlist names none. */
  map: string | undefined
}

/** What the head start needs to know of a live media playlist. */
export interface MediaPlaylist {
  segments: Segment[]
  /** End of the newest media, seconds from the start of the playlist. */
  liveEdge: number
  /** Minimum distance of playback from the live edge, seconds; 0 when the playlist names none. */
  holdBack: number
  /** URL of the next blocking reload; undefined after the end, and without parts or blocking reload. */
  next: string | undefined
  /**
   * Returns the place of a part or segment, seconds from the start of the playlist; undefined for any other
   * URL.
   */
  placeOf(url: string): { start: number; end: number } | undefined
}

/**
 * Parses a media playlist (RFC 8216bis, sections 4.4.3 to 4.4.5). `base` is its URL, against which URIs are
 * resolved.
 */
export function readMediaPlaylist(playlist: string, base: string): MediaPlaylist {
  const segments: Segment[] = []
  let growing: Segment = { start: 0, end: 0, url: undefined, parts: [], map: undefined }
  let end = 0
  let msn = 0
  let control: Record<string, string> = {}
  let isEnded = false
  const resolve = (uri: string | undefined) => new URL(uri ?? '', base).href

  for (const line of playlist.split(/\r?\n/)) {
    const attributes = () => readAttributes(line)
    if (line.startsWith('#EXT-X-MEDIA-SEQUENCE:')) msn = Number(line.slice(22))
    else if (line.startsWith('#EXT-X-SERVER-CONTROL:')) control = attributes()
    else if (line.startsWith('#EXT-X-MAP:')) growing.map = resolve(attributes().URI)
    else if (line.startsWith('#EXT-X-ENDLIST')) isEnded = true
    else if (line.startsWith('#EXT-X-PART:')) {
      const { URI, DURATION, INDEPENDENT } = attributes()
      const start = growing.parts.at(-1)?.end ?? growing.start
      growing.parts.push({
        url: resolve(URI),
        start,
        end: start + Number(DURATION),
        independent: INDEPENDENT === 'YES',
      })
    } else if (line.startsWith('#EXTINF:')) end = growing.start + Number.parseFloat(line.slice(8))
    else if (line !== '' && !line.startsWith('#')) {
      segments.push({ ...growing, end, url: resolve(line) })
      growing = { start: end, end, url: undefined, parts: [], map: growing.map }
    }
  }

  const next = { msn: msn + segments.length, part: growing.parts.length }
  growing.end = growing.parts.at(-1)?.end ?? growing.start
  if (growing.parts.length > 0) segments.push(growing)
  const hasParts = control['PART-HOLD-BACK'] !== undefined
  const reload = new URL(base)
  reload.searchParams.set('_HLS_msn', `${next.msn}`)
  reload.searchParams.set('_HLS_part', `${next.part}`)
  return {
    segments,
    placeOf: (url) =>
      segments.flatMap((segment) => [segment, ...segment.parts]).find((media) => media.url === url),
    liveEdge: growing.end,
    holdBack: Number(control['PART-HOLD-BACK'] ?? control['HOLD-BACK'] ?? 0),
    next: !isEnded && hasParts && control['CAN-BLOCK-RELOAD'] === 'YES' ? reload.href : undefined,
  }
}

/** Returns the URLs of all media: of parts where they are listed, of segments elsewhere. */
export const mediaUrls = ({ segments }: MediaPlaylist): string[] =>
  segments.flatMap(({ parts, url }) => (parts.length > 0 ? parts.map((part) => part.url) : (url ?? [])))

/**
 * Removes `_HLS_part` from a playlist URL, so that the server responds when the segment is complete. A
 * response just before that would cost another round trip.
 */
export function withoutPart(target: string): string {
  const changed = new URL(target)
  changed.searchParams.delete('_HLS_part')
  return changed.href
}
