import type { IncomingHttpHeaders } from 'node:http'
import { networkOf } from '../../core/connections/client-network.ts'
import type { TrustedProxies } from '../../core/connections/trusted-proxies.ts'
import type { PlaybackClaims } from '../../core/playback/playback-token.ts'
import type { Representation } from '../objects/representation.ts'

/**
 * A viewer's id and what it was derived from, so that it is derived again only when one of these has changed.
 */
interface ViewerIdentity {
  readonly headers: IncomingHttpHeaders
  readonly userAgent: string
  readonly token: string
  readonly id: number
}

/**
 * A token that was issued by this instance, with its claims. Whether the token is valid here and now is
 * checked for each request.
 */
export interface VerifiedToken extends Omit<PlaybackClaims, 'address'> {
  token: string
  /** Whether a client of this address may use the token. */
  isFor(address: string): boolean
}

/** What is remembered with a client's connection, from one request to the next. */
export interface Client {
  readonly address: string
  /** What limits per client count by: the address, or the /64 of IPv6. */
  readonly network: string
  /** Address at which the connection arrived. */
  readonly localAddress: string
  /** Maximum of `waiting`; undefined for the default of the coalescer. */
  readonly maxWaiting: number | undefined
  /** Number of requests of this connection that wait for an origin. */
  waiting: number
  /** The last viewer id that was derived for this connection. */
  viewer: ViewerIdentity | undefined
  /**
   * The playback token of the last request that needed one; undefined when it was not issued by this
   * instance.
   */
  verifiedToken: VerifiedToken | undefined
}

export const newClient = (
  address: string | undefined,
  {
    maxWaiting,
    localAddress = '',
  }: Partial<Pick<Client, 'maxWaiting'>> & { localAddress?: string | undefined } = {},
): Client => ({
  address: address ?? '',
  network: networkOf(address ?? ''),
  localAddress,
  maxWaiting,
  waiting: 0,
  viewer: undefined,
  verifiedToken: undefined,
})

/**
 * Returns the client of one request: `peer`, the client of the connection, unless that is a trusted proxy and
 * the request says for whom it is. `last` is the client of the previous request, which is kept if it is the
 * same one.
 */
export function clientBehind(
  peer: Client,
  headers: IncomingHttpHeaders,
  proxies: TrustedProxies | undefined,
  last = peer,
): Client {
  const address = proxies?.clientOf(peer.address, headers)
  if (address === undefined || address === peer.address) return peer
  return address === last.address ? last : newClient(address, peer)
}

/**
 * One request with the means to respond. The hot path, `node:http` and HTTP/2 each implement it, so that the
 * rest of the edge does not depend on the HTTP version.
 */
export interface Exchange {
  readonly client: Client
  /** The request target as received, or in its canonical form. */
  target: string
  /** The playback token in the target; empty when there is none. Set by `Access.takeToken`. */
  token: string
  readonly isHead: boolean
  readonly headers: IncomingHttpHeaders
  /** Whether a header field (Range, If-None-Match) may make the response less than the whole object. */
  readonly isConditional: boolean
  readonly takesGzip: boolean
  /** Whether the client has left, so that a response would be in vain. */
  readonly isGone: boolean
  /** Called when the client leaves. Set only while the request waits for an object. */
  onLeave: (() => void) | null
  /**
   * Responds 200 with an object made at `madeAt` (ms of the edge's clock) and its Age at `time`. `onSent` is
   * called once, when the body is not needed any more.
   */
  sendRepresentation(representation: Representation, madeAt: number, time: number, onSent?: () => void): void
  /**
   * Sends a response. `headers` is flat, `[name, value, …]`, and has no Date. For HEAD the caller passes null
   * as the body. `onSent` is called once, when the body is not needed any more.
   */
  send(status: number, headers: readonly string[], body: Buffer | string | null, onSent?: () => void): void
}
