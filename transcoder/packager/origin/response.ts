import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { acceptsGzip } from '../../../core/mechanisms/accept-gzip.ts'
import { sendText } from '../../../core/process/http-server.ts'

/** A request to the origin, with its response. */
export interface OriginRequest {
  request: IncomingMessage
  response: ServerResponse
}

const playlistType = 'application/vnd.apple.mpegurl'

/** Text of a playlist. The gzip form is made when a client first accepts it. */
export interface PlaylistBody {
  text: string
  gzipped?: Buffer
}

/**
 * Sends a playlist. RFC 8216bis 6.2.1: "HTTP servers SHOULD transfer text files … using the "gzip"
 * Content-Encoding if the client indicates that it is prepared to accept it."
 */
export function sendPlaylist({ request, response }: OriginRequest, body: PlaylistBody, cacheControl: string) {
  const isGzip = acceptsGzip(request.headers['accept-encoding'])
  if (isGzip) body.gzipped ??= gzipSync(body.text)
  const bytes = isGzip && body.gzipped ? body.gzipped : Buffer.from(body.text)
  response.writeHead(200, {
    'content-type': playlistType,
    'content-length': bytes.length,
    'cache-control': cacheControl,
    vary: 'accept-encoding',
    ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** Sends bytes of any type. */
export function sendBytes(
  { request, response }: OriginRequest,
  pieces: readonly Uint8Array[],
  contentType: string,
  cacheControl: string,
) {
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': pieces.reduce((sum, piece) => sum + piece.length, 0),
    'cache-control': cacheControl,
  })
  if (request.method !== 'HEAD') {
    response.cork()
    for (const piece of pieces) response.write(piece)
    response.uncork()
  }
  response.end()
}

/**
 * Sends complete media. RFC 8216bis 6.2.1: it "MUST be available for immediate download at the full speed of
 * the link".
 */
export const sendMedia = (
  request: OriginRequest,
  pieces: readonly Buffer[],
  kind: 'video' | 'audio',
  cacheControl: string,
) => sendBytes(request, pieces, `${kind}/mp4`, cacheControl)

/** Sends a refusal with its reason as text. */
export function refuse(
  { response }: OriginRequest,
  status: number,
  reason: string,
  cacheControl: string,
  headers: Record<string, string> = {},
) {
  sendText(response, status, `${reason}\n`, { 'cache-control': cacheControl, ...headers })
}
