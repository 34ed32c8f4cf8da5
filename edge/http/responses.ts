import { exactAgeHeader } from '../../core/contracts/cluster-headers.ts'
import type { HealthResponse } from '../../core/process/http-server.ts'
import type { Failure } from '../objects/failure.ts'
import { type MediaObject, openHeaders, representationOf } from '../objects/media-object.ts'
import { ageOf, type Representation } from '../objects/representation.ts'
import { lend } from './body-memory.ts'
import { matchesStrongly, matchesTag, parseByteRange } from './conditions.ts'
import type { Exchange } from './exchange.ts'

/**
 * Sends an object, or for a conditional request a range of it, 304, 412 or 416. Returns the length of the
 * body sent, bytes.
 */
export function sendObject(exchange: Exchange, object: MediaObject, time: number): number {
  const representation = representationOf(object, object.isCompressible && exchange.takesGzip)
  if (exchange.isConditional) {
    const sent = sendConditional(exchange, object, representation, time)
    if (sent !== undefined) return sent
  }
  exchange.sendRepresentation(representation, object.madeAt, time, lend(object))
  return exchange.isHead ? 0 : representation.body.length
}

/**
 * Sends an object to another edge: whole, without gzip, and with its age in ms. Returns the length of the
 * body sent, bytes.
 */
export function sendToPeer(exchange: Exchange, object: MediaObject, time: number): number {
  const { plain, madeAt } = object
  const exactAge = String(Math.max(0, Math.round(time - madeAt)))
  const headers = ['age', ageField(object, time), exactAgeHeader, exactAge, ...plain.headers]
  exchange.send(200, headers, exchange.isHead ? null : plain.body, lend(object))
  return exchange.isHead ? 0 : plain.body.length
}

/**
 * Sends 304, 412, 416 or a range. Returns the length of the body sent, bytes, or undefined, with nothing
 * sent, when the request gets the whole object.
 */
function sendConditional(
  exchange: Exchange,
  object: MediaObject,
  representation: Representation,
  time: number,
): number | undefined {
  const { range, 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = exchange.headers
  if (ifMatch !== undefined && !matchesStrongly(ifMatch, representation.etag)) {
    exchange.send(412, [...textHeaders, 'content-length', '0'], null)
    return 0
  }
  if (ifNoneMatch !== undefined && matchesTag(ifNoneMatch, representation.etag)) {
    exchange.send(304, ['age', ageField(object, time), ...withoutLength(representation)], null)
    return 0
  }
  if (range === undefined || exchange.isHead) return undefined
  return sendRange(exchange, object, representation, range, time)
}

const ageField = ({ madeAt }: MediaObject, time: number) => String(ageOf(madeAt, time))
const withoutLength = ({ headers }: Representation) => headers.slice(0, -2)

/**
 * Sends a range of media, or 416. Playlists have no ranges, because they are small and change. Returns the
 * length of the body sent, bytes, or undefined, with nothing sent, when the request gets the whole object.
 */
function sendRange(
  exchange: Exchange,
  object: MediaObject,
  representation: Representation,
  range: string,
  time: number,
): number | undefined {
  const condition = exchange.headers['if-range']
  if (!representation.headers.includes('accept-ranges')) return undefined
  if (condition !== undefined && condition !== representation.etag) return undefined
  const bytes = parseByteRange(range, object.length)
  if (bytes === undefined) return undefined
  if (bytes === 'unsatisfiable') {
    const extent = ['content-range', `bytes */${object.length}`, 'content-length', '0']
    exchange.send(416, [...textHeaders, ...extent], null)
    return 0
  }
  const { first, last } = bytes
  const length = last - first + 1
  const extent = [
    'content-range',
    `bytes ${first}-${last}/${object.length}`,
    'content-length',
    String(length),
  ]
  const headers = ['age', ageField(object, time), ...withoutLength(representation), ...extent]
  exchange.send(206, headers, representation.body.subarray(first, last + 1), lend(object))
  return length
}

/** Header fields of responses in plain text, which no cache may keep. */
export const textHeaders: readonly string[] = [
  ...openHeaders,
  'content-type',
  'text/plain; charset=utf-8',
  'cache-control',
  'no-store',
]

/** Sends a plain text that no cache may keep; for HEAD only its header fields. */
export function sendText(
  exchange: Exchange,
  status: number,
  text: string,
  headers: readonly string[] = [],
): void {
  const length = String(Buffer.byteLength(text))
  exchange.send(status, [...textHeaders, 'content-length', length, ...headers], exchange.isHead ? null : text)
}

/** Sends the reason of a failure as a line of text, without details of the origin. */
export function sendFailure(exchange: Exchange, { status, reason, retryAfter }: Failure): void {
  sendText(exchange, status, `${reason}\n`, retryAfter === null ? [] : ['retry-after', String(retryAfter)])
}

const preflightHeaders = [
  ...openHeaders,
  'access-control-allow-methods',
  'GET, HEAD, OPTIONS',
  'access-control-max-age',
  '86400',
  'vary',
  'Access-Control-Request-Headers',
]

/** Header fields to allow when a preflight names none: players send these on their own. */
const usualFields = 'Range, CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status'
/** Matches a list of field names, as in Access-Control-Request-Headers, of a reasonable length. */
const fieldList = /^[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1024}$/

/**
 * Allows requests from pages of any origin, with all header fields that they ask for. The edge uses no
 * cookies, so a page gets no more than any other client. Browsers may cache the permission for a day.
 */
export function sendPreflight(exchange: Exchange): void {
  const requested = exchange.headers['access-control-request-headers']
  const allowed = typeof requested === 'string' && fieldList.test(requested) ? requested : usualFields
  const isLocal = exchange.headers['access-control-request-private-network'] === 'true'
  // A page from the Internet may play from a server in the viewer's own network (Private Network Access).
  const more = isLocal ? ['access-control-allow-private-network', 'true'] : []
  exchange.send(204, [...preflightHeaders, 'access-control-allow-headers', allowed, ...more], null)
}

/**
 * Refuses a method that playback does not have. `closing`: header fields that close the connection, so that a
 * request body is never read; empty for HTTP/2.
 */
export function sendMethodNotAllowed(exchange: Exchange, closing: readonly string[]): void {
  exchange.send(405, [...textHeaders, 'allow', 'GET, HEAD, OPTIONS', ...closing], null)
}

/**
 * Adapts an exchange to `answerHealth`. Status and headers are kept until the body is there, because an
 * exchange sends a response in one call.
 */
export function healthResponseOf(exchange: Exchange): HealthResponse {
  let status = 200
  let fields: string[] = []
  return {
    writeHead(code, headers) {
      status = code
      fields = Object.entries(headers).flat()
    },
    end: (body) => exchange.send(status, fields, exchange.isHead ? null : body),
  }
}
