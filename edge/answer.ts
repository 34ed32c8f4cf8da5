import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Failure } from './failure.ts'
import { acceptsGzip, formOf, type MediaObject, openHeaders } from './media-object.ts'

/** Sends an object; gives the bytes of its body. HEAD gets the same headers without it. */
export function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  object: MediaObject,
  now: number,
): number {
  const wantsGzip = object.isCompressible && acceptsGzip(request.headers['accept-encoding'])
  const form = formOf(object, wantsGzip, now)
  response.writeHead(200, form.headers)
  response.end(form.body, 'latin1')
  return request.method === 'HEAD' ? 0 : form.body.length
}

/** Answers with a failure: small, and never to be kept by anybody on the way. */
export function sendFailure(response: ServerResponse, failure: Failure): void {
  const body = `${failure.reason}\n`
  const headers = [...plainHeaders, 'content-length', String(body.length)]
  if (failure.retryAfter !== null) headers.push('retry-after', String(failure.retryAfter))
  response.writeHead(failure.status, headers)
  response.end(body)
}

const plainHeaders = [
  ...openHeaders,
  'content-type',
  'text/plain; charset=utf-8',
  'cache-control',
  'no-store',
]

/** Answers a CORS preflight, good for a day. */
export function sendPreflight(response: ServerResponse): void {
  response.writeHead(204, preflightHeaders)
  response.end()
}

const preflightHeaders = [
  ...openHeaders,
  'access-control-allow-methods',
  'GET, HEAD, OPTIONS',
  'access-control-allow-headers',
  'Range, CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status',
  'access-control-max-age',
  '86400',
]

/** Answers a method that playback has no use for; the connection goes with it, so a body is never read. */
export function sendMethodNotAllowed(response: ServerResponse): void {
  response.writeHead(405, [...plainHeaders, 'allow', 'GET, HEAD, OPTIONS', 'connection', 'close'])
  response.end()
}
