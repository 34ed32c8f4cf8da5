import { type MediaObject, withText } from './media-object.ts'

/**
 * Returns the same playlist without parts, made once for all viewers; the object itself when there is nothing
 * to remove.
 */
export function relaxedOf(object: MediaObject): MediaObject {
  object.relaxed ??= relax(object)
  return object.relaxed
}

function relax(object: MediaObject): MediaObject {
  const text = object.plain.body.toString()
  const relaxed = withoutParts(text)
  return relaxed === text ? object : withText(object, relaxed)
}

/** Matches tags that only concern parts, and rendition reports, which count parts. */
const partTags = /^#EXT-X-(?:PART|PART-INF|PRELOAD-HINT|RENDITION-REPORT):/
const partHoldBack = /,PART-HOLD-BACK=[^,\r\n]*|PART-HOLD-BACK=[^,\r\n]*,?/

/**
 * Removes the parts of a media playlist (RFC 8216bis 4.4.4.9, 4.4.5.3). Players then request whole segments
 * and keep HOLD-BACK. They can still use blocking reloads, each of which waits for a whole segment. Tags
 * after the last segment belong to one that is not complete, so they are removed too, except EXT-X-ENDLIST. A
 * playlist without a segment is not changed, because there is nothing else to play.
 */
export function withoutParts(text: string): string {
  if (!text.includes('#EXT-X-PART')) return text
  const lines = text.split('\n').filter((line) => !partTags.test(line))
  const last = lines.findLastIndex((line) => line !== '' && !line.startsWith('#'))
  if (last < 0) return text
  const tail = lines.slice(last + 1).filter((line) => line.startsWith('#EXT-X-ENDLIST'))
  return `${[...lines.slice(0, last + 1), ...tail]
    .map((line) => (line.startsWith('#EXT-X-SERVER-CONTROL:') ? line.replace(partHoldBack, '') : line))
    .join('\n')}\n`
}
