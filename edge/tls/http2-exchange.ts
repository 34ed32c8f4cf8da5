import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { acceptsGzip } from '../../core/mechanisms/accept-gzip.ts'
import { isConditional } from '../http/conditions.ts'
import type { Client, Exchange } from '../http/exchange.ts'
import { endSliced } from '../http/sliced-body.ts'
import type { SlowClients } from '../http/slow-clients.ts'
import { ageOf } from '../objects/representation.ts'

/** Creates the exchange of a request that came as a stream of HTTP/2 (RFC 9113 8.1). */
export function http2Exchange(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  client: Client,
  slowClients: Pick<SlowClients, 'watch'>,
): Exchange {
  const isHead = headers[':method'] === 'HEAD'
  const respond = (
    status: number,
    fields: readonly string[],
    body: Buffer | null,
    onSent: (() => void) | undefined,
  ) => {
    if (stream.destroyed || stream.closed) return onSent?.()
    if (onSent !== undefined) stream.once('close', onSent)
    stream.respond([':status', String(status), ...fields], { endStream: body === null })
    if (body !== null) endSliced(stream, body)
    // The client may never end its side of the stream, so the edge closes the stream.
    else if (!stream.endAfterHeaders) stream.close(constants.NGHTTP2_NO_ERROR)
    // The stream is watched until it closes, because an open stream keeps the connection open.
    slowClients.watch(stream, { writableFinished: false })
  }
  const exchange: Exchange = {
    client,
    target: headers[':path'] ?? '',
    token: '',
    isHead,
    headers,
    isConditional: isConditional(headers),
    get takesGzip() {
      return acceptsGzip(headers['accept-encoding'])
    },
    get isGone() {
      return stream.destroyed || stream.closed
    },
    onLeave: null,
    sendRepresentation(representation, madeAt, time, onSent) {
      const fields = ['age', String(ageOf(madeAt, time)), ...representation.headers]
      respond(200, fields, isHead ? null : representation.body, onSent)
    },
    send(status, fields, body, onSent) {
      respond(status, fields, typeof body === 'string' ? Buffer.from(body) : body, onSent)
    },
  }
  stream.once('close', () => exchange.onLeave?.())
  return exchange
}
