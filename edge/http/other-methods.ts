import { openHeaders } from '../objects/media-object.ts'
import type { Exchange } from './exchange.ts'
import { plainHeaders } from './responses.ts'

/** Answers a CORS preflight, good for a day. */
export function sendPreflight(exchange: Exchange): void {
  exchange.send(204, preflightHeaders, null)
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

/** Answers a method that playback has no use for; what carried it (`ending`: fields that say so) goes with it, so a body is never read. */
export function sendMethodNotAllowed(exchange: Exchange, ending: readonly string[]): void {
  exchange.send(405, [...plainHeaders, 'allow', 'GET, HEAD, OPTIONS', ...ending], null)
}
