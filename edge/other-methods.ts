import type { ServerResponse } from 'node:http'
import { plainHeaders } from './answer.ts'
import { openHeaders } from './media-object.ts'

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
