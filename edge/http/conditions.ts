import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a request has Range, If-Match or If-None-Match, so that its response may be other than 200 with the
 * whole object (RFC 9110 13, 14).
 */
export const isConditional = (headers: IncomingHttpHeaders) =>
  headers.range !== undefined || headers['if-none-match'] !== undefined || headers['if-match'] !== undefined

/** Whether If-Match lists the tag of the response or is `*` (RFC 9110 13.1.1: strong comparison). */
export const matchesStrongly = (ifMatch: string, etag: string): boolean =>
  ifMatch.trim() === '*' || ifMatch.split(',').some((each) => each.trim() === etag)

/** Whether If-None-Match lists the tag of the response or is `*` (RFC 9110 13.1.2: weak comparison). */
export function matchesTag(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch.trim() === '*') return true
  return ifNoneMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === etag)
}

/**
 * Range from byte `first` to byte `last` of a body, inclusive. `unsatisfiable`: the body has none of the
 * requested bytes.
 */
export type ByteRange = { first: number; last: number } | 'unsatisfiable'

const singleRange = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i

/**
 * Parses a Range header (RFC 9110 14.2) for a body of `length` bytes. Returns undefined when the whole body
 * is to be sent: for a unit other than bytes, a malformed header, or several ranges, which players do not
 * use.
 */
export function parseByteRange(header: string, length: number): ByteRange | undefined {
  const match = singleRange.exec(header)
  if (match === null) return undefined
  const [, from = '', to = ''] = match
  if (from === '') {
    if (to === '') return undefined
    const count = Math.min(Number(to), length)
    return count === 0 ? 'unsatisfiable' : { first: length - count, last: length - 1 }
  }
  const first = Number(from)
  if (to !== '' && Number(to) < first) return undefined
  if (first >= length) return 'unsatisfiable'
  return { first, last: to === '' ? length - 1 : Math.min(Number(to), length - 1) }
}
