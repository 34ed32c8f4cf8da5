/** Lines that only concern parts, or say how far other renditions are by parts. */
const ofParts = /^#EXT-X-(?:PART|PART-INF|PRELOAD-HINT|RENDITION-REPORT):/
const partHoldBack = /,PART-HOLD-BACK=[^,\r\n]*|PART-HOLD-BACK=[^,\r\n]*,?/

/**
 * A media playlist without its parts (RFC 8216bis 4.4.4.9, 4.4.5.3), as it would be of a stream that has none: players then take whole
 * segments and keep HOLD-BACK. Blocking reloads stay: one waits for a whole segment then. Tags behind the last segment belong to one that is
 * not whole yet, so they go too. A playlist without a segment stays as it is: there is nothing else to play.
 */
export function relaxedPlaylist(text: string): string {
  if (!text.includes('#EXT-X-PART')) return text
  const lines = text.split('\n').filter((line) => !ofParts.test(line))
  const last = lines.findLastIndex((line) => line !== '' && !line.startsWith('#'))
  if (last < 0) return text
  const tail = lines.slice(last + 1).filter((line) => line.startsWith('#EXT-X-ENDLIST'))
  return `${[...lines.slice(0, last + 1), ...tail]
    .map((line) => (line.startsWith('#EXT-X-SERVER-CONTROL:') ? line.replace(partHoldBack, '') : line))
    .join('\n')}\n`
}
