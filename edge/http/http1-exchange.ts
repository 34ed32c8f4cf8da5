import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { TrustedProxies } from '../../core/connections/trusted-proxies.ts'
import { acceptsGzip } from '../../core/mechanisms/accept-gzip.ts'
import { ageOf } from '../objects/representation.ts'
import { isConditional } from './conditions.ts'
import { type Client, clientBehind, type Exchange, newClient } from './exchange.ts'
import { endSliced } from './sliced-body.ts'
import type { SlowClients } from './slow-clients.ts'

const clients = new WeakMap<Socket, Client>()

function clientOf(socket: Socket): Client {
  const known = clients.get(socket)
  if (known) return known
  const client = newClient(socket.remoteAddress, { localAddress: socket.localAddress })
  clients.set(socket, client)
  return client
}

/** Creates the exchange of a request that came through node:http. */
export function http1Exchange(
  request: IncomingMessage,
  response: ServerResponse,
  slowClients: Pick<SlowClients, 'watch'>,
  proxies?: TrustedProxies | undefined,
): Exchange {
  const { socket, headers } = request
  const isHead = request.method === 'HEAD'
  const end = (body: Buffer | string | null, onSent: (() => void) | undefined) => {
    if (onSent !== undefined) response.once('close', onSent)
    if (body === null || isHead) response.end()
    else if (socket instanceof TLSSocket && Buffer.isBuffer(body)) endSliced(response, body)
    else response.end(body)
    // A pipelined response does not have the socket until the responses before it have ended.
    if (socket.writableLength > 0 || response.socket !== socket) slowClients.watch(socket, response)
  }
  const exchange: Exchange = {
    client: clientBehind(clientOf(socket), headers, proxies),
    target: request.url ?? '',
    token: '',
    isHead,
    headers,
    isConditional: isConditional(headers),
    get takesGzip() {
      return acceptsGzip(headers['accept-encoding'])
    },
    get isGone() {
      return response.destroyed
    },
    onLeave: null,
    sendRepresentation(representation, madeAt, time, onSent) {
      response.writeHead(200, ['age', String(ageOf(madeAt, time)), ...representation.headers])
      end(representation.body, onSent)
    },
    send(status, fields, body, onSent) {
      response.writeHead(status, [...fields])
      end(body, onSent)
    },
  }
  response.once('close', () => exchange.onLeave?.())
  return exchange
}
