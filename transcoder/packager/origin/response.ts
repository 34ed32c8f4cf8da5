import type { IncomingMessage, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { acceptsGzip } from '../../../core/mechanisms/accept-gzip.ts'
import { sendText } from '../../../core/process/http-server.ts'

export interface OriginRequest {
  request: IncomingMessage
  response: ServerResponse
}

const playlistType = 'application/vnd.apple.mpegurl'

/** Text of a playlist. `gzipped` is made for the first client that accepts it. */
export interface PlaylistBody {
  text: string
  gzipped?: Buffer
}

/** Sends a playlist, compressed with gzip if the client accepts that (recommended by RFC 8216bis 6.2.1). */
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

/** Sends `pieces` one after the other as the body. A response to HEAD has the same headers and no body. */
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

/** Sends an init segment, a segment or a part, which must be complete (RFC 8216bis 6.2.1). */
export const sendMedia = (
  request: OriginRequest,
  pieces: readonly Buffer[],
  kind: 'video' | 'audio',
  cacheControl: string,
) => sendBytes(request, pieces, `${kind}/mp4`, cacheControl)

/** Sends a refusal with its reason as plain text. */
export function refuse(
  { response }: OriginRequest,
  status: number,
  reason: string,
  cacheControl: string,
  headers: Record<string, string> = {},
) {
  sendText(response, status, `${reason}\n`, { 'cache-control': cacheControl, ...headers })
}
