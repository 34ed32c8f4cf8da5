import type { IncomingHttpHeaders } from 'node:http'
import { playbackPrefix } from '../../core/playback/media-paths.ts'

/**
 * The last request read from a connection. If the next one has the same header section, the section is not
 * parsed again.
 */
export interface RequestHead {
  isHead: boolean
  target: string
  headers: IncomingHttpHeaders
  /**
   * The header section that `headers` was parsed from, for comparison: from the end of the request line to
   * the empty line, both included. Empty when it is too long to be kept.
   */
  section: string
  /**
   * The whole request, for comparison: players often repeat a poll unchanged. Empty when it is too long to be
   * kept, or when more bytes followed it.
   */
  whole: string
}

/**
 * Length of a head, bytes. `incomplete`: more bytes must arrive. `unusual`: left to node:http, valid or not.
 */
export type HeadLength = number | 'incomplete' | 'unusual'

/** Maximum length of a head on the hot path, bytes. A longer one is left to node:http. */
export const maxHeadBytes = 8192
const maxFields = 50
/**
 * Maximum length of a request or header section that is kept for comparison, characters. It bounds memory per
 * connection.
 */
const maxKeptLength = 2048

/** Start of a playback request. Other requests (health, metrics) are rare and left to node:http. */
const getStart = `GET ${playbackPrefix}`
const headStart = `HEAD ${playbackPrefix}`

const targetExpression = /^[!-~]+$/
/**
 * Matches a field line (RFC 9112 5): a token, a colon, and a value of visible ASCII with spaces and tabs
 * inside. An empty value does not match.
 */
const fieldExpression = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([!-~](?:[ -~\t]*[!-~])?)[ \t]*$/
/**
 * Fields that change how the message is read or what happens to the connection. A request with one of them is
 * left to node:http.
 */
const framingFields = new Set([
  'content-length',
  'transfer-encoding',
  'trailer',
  'te',
  'expect',
  'upgrade',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
])

/**
 * Parses one plain `GET /live/… HTTP/1.1` (or HEAD) at the start of `text` (latin1) into `head` and returns
 * its length. Strict: a head that parsers may read differently is `unusual` (RFC 9112 2–5).
 */
export function readHead(text: string, head: RequestHead): HeadLength {
  if (text === head.whole && text !== '') return text.length
  const length = parseHead(text, head)
  head.whole = length === text.length && length <= maxKeptLength ? text : ''
  return length
}

function parseHead(text: string, head: RequestHead): HeadLength {
  const lineEnd = text.indexOf('\r\n')
  if (lineEnd < 0) return mayBecomePlayback(text) ? 'incomplete' : 'unusual'
  const isHead = text.startsWith(headStart)
  if (!isHead && !text.startsWith(getStart)) return 'unusual'
  if (!text.startsWith(' HTTP/1.1', lineEnd - 9)) return 'unusual'
  const target = text.slice(isHead ? 5 : 4, lineEnd - 9)
  if (!targetExpression.test(target)) return 'unusual'
  // The kept section ends with an empty line, which occurs nowhere else in it. So if the text has the same
  // bytes here, they are its whole section.
  if (head.section !== '' && text.startsWith(head.section, lineEnd)) {
    head.isHead = isHead
    head.target = target
    return lineEnd + head.section.length
  }
  const end = text.indexOf('\r\n\r\n', lineEnd)
  if (end < 0) return text.length < maxHeadBytes ? 'incomplete' : 'unusual'
  const headers = parseFields(text.slice(lineEnd + 2, end))
  if (headers === undefined) return 'unusual'
  head.isHead = isHead
  head.target = target
  head.headers = headers
  head.section = end - lineEnd > maxKeptLength ? '' : text.slice(lineEnd, end + 4)
  return end + 4
}

/** Whether the start of an incomplete request line may still become a playback request. */
function mayBecomePlayback(text: string): boolean {
  if (text.length >= maxHeadBytes) return false
  return [getStart, headStart].some((start) => text.startsWith(start) || start.startsWith(text))
}

/**
 * Header fields without inherited names. Each request looks fields up, which is faster here than in an object
 * made by `Object.create(null)`.
 */
class Fields {
  [name: string]: string | undefined
}
Object.setPrototypeOf(Fields.prototype, null)
Reflect.deleteProperty(Fields.prototype, 'constructor')

function parseFields(section: string): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = new Fields()
  const lines = section.split('\r\n')
  if (lines.length > maxFields) return undefined
  for (const line of lines) {
    const [, given, value] = fieldExpression.exec(line) ?? []
    if (given === undefined) return undefined
    const name = given.toLowerCase()
    // Whether repeated fields form a list, are an error, or count only once depends on their name. That is
    // left to node:http.
    if (name in headers || framingFields.has(name)) return undefined
    if (name === 'connection' && value?.toLowerCase() !== 'keep-alive') return undefined
    headers[name] = value
  }
  return headers.host === undefined ? undefined : headers
}
