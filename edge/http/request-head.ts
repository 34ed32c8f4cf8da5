import type { IncomingHttpHeaders } from 'node:http'
import { playbackPrefix } from '../../core/playback/media-paths.ts'

/**
 * The last request read from a connection. It is reused for the next one, most of whose fields are the same
 * byte by byte.
 */
export interface RequestHead {
  isHead: boolean
  target: string
  headers: IncomingHttpHeaders
  /**
   * The header section that `headers` was parsed from, for comparison: from the end of the request line to
   * the empty line.
   */
  section: string
  /** The whole request, because a poll is often repeated unchanged; empty when more bytes followed. */
  whole: string
}

/**
 * Length of a head. `incomplete`: the rest is still to come. `unusual`: not for the hot path, valid or not.
 */
export type HeadLength = number | 'incomplete' | 'unusual'

/** Length from which a head is left to node:http, bytes. */
export const maxHeadBytes = 8192
const maxFields = 50
/** Maximum length of a section that is kept for comparison, characters. It bounds memory per connection. */
const maxKeptLength = 2048

/** How a playback request begins. Others (health, metrics) are rare and left to node:http. */
const getStart = `GET ${playbackPrefix}`
const headStart = `HEAD ${playbackPrefix}`

const targetExpression = /^[!-~]+$/
/**
 * A field of a token, a colon and visible text; nothing that parsers have ever disagreed about (RFC 9112 5).
 */
const fieldExpression = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([!-~](?:[ -~\t]*[!-~])?)[ \t]*$/
/**
 * Fields that change how the message is read or what happens to the connection. They are left to node:http.
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
 * its length. Strict: it accepts only what every parser reads the same way (RFC 9112 2–5).
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
  // An empty line ends the section and occurs nowhere else in it, so equal bytes are the whole section.
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

/** Whether the beginning of a first line may still become a playback request. */
function mayBecomePlayback(text: string): boolean {
  if (text.length >= maxHeadBytes) return false
  return [getStart, headStart].some((start) => text.startsWith(start) || start.startsWith(text))
}

/**
 * Header fields without inherited names. Unlike an object made by `Object.create(null)`, fields are looked up
 * fast here, and they are looked up for each request.
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
    // A repeated field is a list, an error, or counts only once, depending on its name. That is left to
    // node:http.
    if (name in headers || framingFields.has(name)) return undefined
    if (name === 'connection' && value?.toLowerCase() !== 'keep-alive') return undefined
    headers[name] = value
  }
  return headers.host === undefined ? undefined : headers
}
