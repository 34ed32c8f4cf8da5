import type { ViewerResponse } from './client.ts'

/** What a viewer reads from the head of a response. */
export interface ResponseHead extends Pick<ViewerResponse, 'status' | 'ageSeconds' | 'retryAfterSeconds'> {
  /** Where the body begins, bytes from the start of the response. */
  bodyFrom: number
  /** Length of the body, bytes; undefined when it comes in chunks. */
  bodyBytes: number | undefined
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const zero = 0x30
/** Bit that makes an ASCII letter small, and does not change `-` and `:`. */
const small = 0x20
/** Where the status begins: after `HTTP/1.1 `. */
const statusAt = 9

/** The fields that are read, in small letters. */
const age = Buffer.from('age:')
const contentLength = Buffer.from('content-length:')
const retryAfter = Buffer.from('retry-after:')
const transferEncoding = Buffer.from('transfer-encoding:')
const chunked = Buffer.from('chunked')

/**
 * Parses the head of a response (RFC 9112) at the start of `bytes`, of which the first `length` count;
 * undefined while it is not complete. It makes no strings, because a viewer needs little of a head.
 */
export function readResponseHead(bytes: Buffer, length: number): ResponseHead | undefined {
  const head: ResponseHead = {
    status: numberAt(bytes, statusAt, 0),
    ageSeconds: 0,
    retryAfterSeconds: Number.NaN,
    bodyFrom: 0,
    bodyBytes: 0,
  }
  for (let at = lineAfter(bytes, 0, length); at + 1 < length; at = lineAfter(bytes, at, length)) {
    if (bytes[at] === carriageReturn && bytes[at + 1] === lineFeed) {
      head.bodyFrom = at + 2
      return head
    }
    readField(bytes, at, head)
  }
  return undefined
}

/** Reads the field at `at`, if a viewer needs it. The first letter rules out most fields. */
function readField(bytes: Buffer, at: number, head: ResponseHead): void {
  const first = (bytes[at] ?? 0) | small
  if (first === contentLength[0] && isAt(contentLength, bytes, at)) {
    if (head.bodyBytes !== undefined) head.bodyBytes = numberAt(bytes, at + contentLength.length, 0)
  } else if (first === age[0] && isAt(age, bytes, at)) {
    head.ageSeconds = numberAt(bytes, at + age.length, 0)
  } else if (first === retryAfter[0] && isAt(retryAfter, bytes, at)) {
    head.retryAfterSeconds = numberAt(bytes, at + retryAfter.length, Number.NaN)
  } else if (first === transferEncoding[0] && isAt(transferEncoding, bytes, at)) {
    if (isAt(chunked, bytes, afterSpaces(bytes, at + transferEncoding.length))) head.bodyBytes = undefined
  }
}

/** Returns where the next line begins; `length` when there is none. */
function lineAfter(bytes: Buffer, from: number, length: number): number {
  let at = from
  while (at < length && bytes[at] !== lineFeed) at++
  return at < length ? at + 1 : length
}

function isAt(text: Buffer, bytes: Buffer, from: number): boolean {
  for (let at = 0; at < text.length; at++) {
    if (((bytes[from + at] ?? 0) | small) !== text[at]) return false
  }
  return true
}

function afterSpaces(bytes: Buffer, from: number): number {
  let at = from
  while (bytes[at] === space) at++
  return at
}

/** Returns the number at `from`, after spaces; `missing` when there is none. */
function numberAt(bytes: Buffer, from: number, missing: number): number {
  const first = afterSpaces(bytes, from)
  let at = first
  let value = 0
  for (; ; at++) {
    const digit = (bytes[at] ?? 0) - zero
    if (!(digit >= 0 && digit <= 9)) break
    value = value * 10 + digit
  }
  return at === first ? missing : value
}

/**
 * Joins a body that comes in chunks (RFC 9112 7.1) and begins at `from`; undefined while it is not complete.
 */
export function joinChunked(bytes: Buffer, from: number): Buffer | undefined {
  const chunks: Buffer[] = []
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1')
    if (lineEnd < 0) return undefined
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    const end = lineEnd + 2 + length
    if (bytes.length < end + 2) return undefined
    if (length === 0) return Buffer.concat(chunks)
    chunks.push(bytes.subarray(lineEnd + 2, end))
    at = end + 2
  }
}
