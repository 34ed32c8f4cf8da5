import type { IncomingHttpHeaders } from 'node:http'

/** The last request read of a connection; reused for the next, since most of its fields come again byte by byte. */
export interface RequestHead {
  isHead: boolean
  target: string
  headers: IncomingHttpHeaders
  /** The header section that `headers` was read from: all from the end of the request line to the empty line. */
  section: string
  /** The whole request, when it came alone: a poll often comes again as it was. */
  whole: string
}

/** `incomplete`: the rest is still to come. `unusual`: nothing for the hot path, whatever it is. */
export type HeadLength = number | 'incomplete' | 'unusual'

/** A longer head is unusual, bytes. */
export const longestHead = 8192
const mostFields = 50
/** A longer section is not kept for comparison, so that a connection holds little, characters. */
const longestKept = 2048

/** How a request of playback begins; whatever begins otherwise (health, metrics) is rare, and node:http's. */
const starts = ['GET /live/', 'HEAD /live/'] as const
const [getStart, headStart] = starts

const targetExpression = /^[!-~]+$/
/** Token, colon, visible text; nothing of what parsers were ever at odds about (RFC 9112 5). */
const fieldExpression = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([!-~](?:[ -~\t]*[!-~])?)[ \t]*$/
/** Fields that change how a message is read, or what becomes of the connection. */
const meaningful = new Set([
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
 * Reads one plain `GET /live/… HTTP/1.1` (or HEAD) at the start of `text` (latin1) into `head`; gives its length. Strict:
 * it knows only what every parser reads alike, and calls all else unusual (RFC 9112 2–5).
 */
export function readHead(text: string, head: RequestHead): HeadLength {
  if (text === head.whole && text !== '') return text.length
  const length = readNew(text, head)
  head.whole = length === text.length && length <= longestKept ? text : ''
  return length
}

function readNew(text: string, head: RequestHead): HeadLength {
  const lineEnd = text.indexOf('\r\n')
  if (lineEnd < 0) return isBegun(text) ? 'incomplete' : 'unusual'
  const isHead = text.startsWith(headStart)
  if (!isHead && !text.startsWith(getStart)) return 'unusual'
  if (!text.startsWith(' HTTP/1.1', lineEnd - 9)) return 'unusual'
  const target = text.slice(isHead ? 5 : 4, lineEnd - 9)
  if (!targetExpression.test(target)) return 'unusual'
  // An empty line ends the section and stands nowhere else in it, so equal bytes are the whole of it again.
  if (head.section !== '' && text.startsWith(head.section, lineEnd)) {
    head.isHead = isHead
    head.target = target
    return lineEnd + head.section.length
  }
  const end = text.indexOf('\r\n\r\n', lineEnd)
  if (end < 0) return text.length < longestHead ? 'incomplete' : 'unusual'
  const headers = readFields(text.slice(lineEnd + 2, end))
  if (headers === undefined) return 'unusual'
  head.isHead = isHead
  head.target = target
  head.headers = headers
  head.section = end - lineEnd > longestKept ? '' : text.slice(lineEnd, end + 4)
  return end + 4
}

/** Whether a first line may still become one for the hot path. */
function isBegun(text: string): boolean {
  if (text.length >= longestHead) return false
  return starts.some((start) => text.startsWith(start) || start.startsWith(text))
}

/** Fields without inherited names; unlike what `Object.create(null)` makes they are found at once, and looked for in each request. */
class Fields {
  [name: string]: string | undefined
}
Object.setPrototypeOf(Fields.prototype, null)
Reflect.deleteProperty(Fields.prototype, 'constructor')

function readFields(section: string): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = new Fields()
  const lines = section.split('\r\n')
  if (lines.length > mostFields) return undefined
  for (const line of lines) {
    const [, given, value] = fieldExpression.exec(line) ?? []
    if (given === undefined) return undefined
    const name = given.toLowerCase()
    // A field given twice is a list, or an error, or only the first counts: node:http knows which.
    if (name in headers || meaningful.has(name)) return undefined
    if (name === 'connection' && value?.toLowerCase() !== 'keep-alive') return undefined
    headers[name] = value
  }
  return headers.host === undefined ? undefined : headers
}
