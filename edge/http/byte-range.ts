/** Bytes `first..last` of a body, both included; or that none of what was asked for is there. */
export type ByteRange = { first: number; last: number } | 'unsatisfiable'

const oneRange = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i

/**
 * Reads a Range header (RFC 9110 14.2) for a body of `length` bytes. Undefined where the whole is to be sent: no header, another unit,
 * something malformed, or several ranges, which no player asks for.
 */
export function readByteRange(header: string | undefined, length: number): ByteRange | undefined {
  const match = header === undefined ? null : oneRange.exec(header)
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
