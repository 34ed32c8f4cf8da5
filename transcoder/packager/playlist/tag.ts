/**
 * A value in an attribute list (RFC 8216bis 4.2). Strings are quoted; numbers and the results of `word` are
 * not. An attribute with the value undefined is left out.
 */
export type AttributeValue = string | number | { word: string } | undefined

/** Renders a tag with an attribute list. Quotation marks and line breaks are removed from quoted strings. */
export function tag(name: string, attributes: Record<string, AttributeValue>): string {
  const list = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : `${key}=${format(value)}`,
  )
  return `#${name}:${list.join(',')}`
}

function format(value: Exclude<AttributeValue, undefined>): string {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? `"${value.replaceAll(/["\r\n]/g, '')}"` : value.word
}

/** Converts ms to seconds, rounded to 10 µs so that playlists stay short. */
export const seconds = (ms: number): number => Math.round(ms * 100) / 100_000

/** Marks a value that must not be quoted, such as an enumerated string or a resolution (RFC 8216bis 4.2). */
export const word = (text: string) => ({ word: text })
