import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { acceptsGzip } from '../../core/mechanisms/accept-gzip.ts'
import { ageOf, type Form } from '../objects/representation.ts'
import type { Client, Exchange } from './exchange.ts'
import { isConditional } from './responses.ts'
import { endSliced } from './sliced-body.ts'
import type { SlowReaders } from './slow-clients.ts'

const clients = new WeakMap<Socket, Client>()

function clientOf(socket: Socket): Client {
  const known = clients.get(socket)
  if (known) return known
  const client = { address: socket.remoteAddress ?? '', waiting: 0, viewer: undefined, ticket: undefined }
  clients.set(socket, client)
  return client
}

/** A GET or HEAD that came by way of node:http. */
export function httpExchange(
  request: IncomingMessage,
  response: ServerResponse,
  slowReaders: Pick<SlowReaders, 'watch'>,
): Exchange {
  const { socket, headers } = request
  const end = (body: Buffer | string | null, onSent: (() => void) | undefined) => {
    if (onSent !== undefined) response.once('close', onSent)
    if (body === null || request.method === 'HEAD') response.end()
    else if (socket instanceof TLSSocket && Buffer.isBuffer(body)) endSliced(response, body)
    else response.end(body)
    slowReaders.watch(socket, response)
  }
  const exchange: Exchange = {
    client: clientOf(socket),
    target: request.url ?? '',
    token: '',
    isHead: request.method === 'HEAD',
    headers,
    isConditional: isConditional(headers),
    get takesGzip() {
      return acceptsGzip(headers['accept-encoding'])
    },
    get isOver() {
      return response.destroyed
    },
    leave: null,
    sendForm(form: Form, madeAt: number, time: number, onSent?: () => void) {
      response.writeHead(200, ['age', String(ageOf(madeAt, time)), ...form.headers])
      end(form.body, onSent)
    },
    send(status, fields, body, onSent) {
      response.writeHead(status, [...fields])
      end(body, onSent)
    },
  }
  response.once('close', () => exchange.leave?.())
  return exchange
}
