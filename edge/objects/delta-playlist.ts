import { type MediaObject, withText } from './media-object.ts'

/** EXT-X-VERSION that a delta update needs (RFC 8216bis 8). */
const deltaVersion = 9

/** Returns a length in units of 10 µs. Playlists have no finer lengths, so sums are exact. */
const unitsOf = (seconds: string | undefined) => Math.round(Number(seconds ?? 0) * 100_000)

/**
 * Returns the delta update of a complete media playlist (RFC 8216bis 6.2.5.1); the object itself when there
 * is nothing to skip. Delta updates are made here, so that one request to the origin serves players with and
 * without them.
 */
export function deltaOf(object: MediaObject): MediaObject {
  const text = object.plain.body.toString()
  const delta = deltaUpdate(text)
  return delta === text ? object : withText(object, delta)
}

/** Returns the text of the delta update of a media playlist; the same text when there is nothing to skip. */
export function deltaUpdate(text: string): string {
  const boundary = /^#EXT-X-SERVER-CONTROL:.*CAN-SKIP-UNTIL=([\d.]+)/m.exec(text)?.[1]
  if (boundary === undefined || /^#EXT-X-(?:ENDLIST|SKIP|DATERANGE)/m.test(text)) return text
  const lines = text.split('\n')
  const { ends, lengths, openLength } = segmentsOf(lines)
  const skipped = skippedSegments(lengths, openLength, unitsOf(boundary))
  const head = lines.findIndex((line) => line.startsWith('#EXT-X-DISCONTINUITY-SEQUENCE:'))
  const lastSkipped = ends[skipped - 1]
  if (lastSkipped === undefined || head < 0) return text
  return [
    ...lines
      .slice(0, head + 1)
      .map((line) => (line.startsWith('#EXT-X-VERSION:') ? `#EXT-X-VERSION:${deltaVersion}` : line)),
    `#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`,
    ...initSegmentOf(lines, lastSkipped + 1),
    ...lines.slice(lastSkipped + 1),
  ].join('\n')
}

/**
 * Returns the EXT-X-MAP of the segment whose tags begin at `start`, unless these include it. Shaka Player 5.2
 * does not remember the init segment of the segments skipped: it appends the next one without, and playback
 * ends.
 */
function initSegmentOf(lines: readonly string[], start: number): string[] {
  const isMap = (line: string) => line.startsWith('#EXT-X-MAP:')
  const media = lines.findIndex((line, index) => index >= start && /^#EXT(?:INF|-X-PART):/.test(line))
  if (lines.slice(start, media < 0 ? undefined : media).some(isMap)) return []
  return lines.slice(0, start).filter(isMap).slice(-1)
}

/**
 * Returns, for each complete segment, the index of its last line and its length; and the length of the
 * segment that still grows.
 */
function segmentsOf(lines: readonly string[]) {
  const ends: number[] = []
  const lengths: number[] = []
  let length = 0
  let openLength = 0
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('#EXT-X-PART:')) openLength += unitsOf(/DURATION=([\d.]+)/.exec(line)?.[1])
    else if (line.startsWith('#EXTINF:')) length = unitsOf(/^#EXTINF:([\d.]+)/.exec(line)?.[1])
    else if (line !== '' && !line.startsWith('#')) {
      ends.push(index)
      lengths.push(length)
      openLength = 0
    }
  }
  return { ends, lengths, openLength }
}

/** Returns the number of segments that end further from the end of the playlist than `boundary`. */
function skippedSegments(lengths: readonly number[], openLength: number, boundary: number): number {
  let fromEnd = openLength
  let kept = 0
  for (const length of lengths.toReversed()) {
    if (fromEnd > boundary) break
    fromEnd += length
    kept += 1
  }
  return lengths.length - kept
}
