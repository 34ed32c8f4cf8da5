import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { acceptsGzip } from '../../core/mechanisms/accept-gzip.ts'
import type { Client, Exchange } from '../http/exchange.ts'
import { isConditional } from '../http/responses.ts'
import { endSliced } from '../http/sliced-body.ts'
import type { SlowReaders } from '../http/slow-clients.ts'
import { ageOf, type Form } from '../objects/representation.ts'

/** A GET or HEAD that came as a stream of HTTP/2 (RFC 9113 8.1). */
export function http2Exchange(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  client: Client,
  slowReaders: Pick<SlowReaders, 'watch'>,
): Exchange {
  const isHead = headers[':method'] === 'HEAD'
  const respond = (
    status: number,
    fields: string[],
    body: Buffer | null,
    onSent: (() => void) | undefined,
  ) => {
    if (stream.destroyed || stream.closed) return onSent?.()
    if (onSent !== undefined) stream.once('close', onSent)
    stream.respond([':status', String(status), ...fields], { endStream: body === null })
    if (body === null) return
    endSliced(stream, body)
    slowReaders.watch(stream, stream)
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
    get isOver() {
      return stream.destroyed || stream.closed
    },
    leave: null,
    sendForm(form: Form, madeAt: number, time: number, onSent?: () => void) {
      const fields = ['age', String(ageOf(madeAt, time)), ...form.headers]
      respond(200, fields, isHead ? null : form.body, onSent)
    },
    send(status, fields, body, onSent) {
      respond(status, [...fields], typeof body === 'string' ? Buffer.from(body) : body, onSent)
    },
  }
  stream.once('close', () => exchange.leave?.())
  return exchange
}
