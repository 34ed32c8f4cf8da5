/**
 * A value of an attribute list (RFC 8216bis 4.2). Text is quoted, `word` is an enumerated string, numbers and
 * resolutions are unquoted.
 */
export type AttributeValue = string | number | { word: string } | undefined

/** Renders a tag with an attribute list. Attributes that are undefined are left out. */
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

/** Converts milliseconds to a decimal-floating-point number of seconds, to 10 µs. */
export const seconds = (ms: number): number => Math.round(ms * 100) / 100_000

/** Marks an enumerated string (RFC 8216bis 4.2). */
export const word = (text: string) => ({ word: text })
