import type { IncomingHttpHeaders } from 'node:http'
import { networkOf } from '../../core/connections/client-network.ts'
import type { TrustedProxies } from '../../core/connections/trusted-proxies.ts'
import type { PlaybackClaims } from '../../core/playback/playback-token.ts'
import type { Representation } from '../objects/representation.ts'

/**
 * The id of a viewer, with what it was derived from. It is derived again only when one of these has changed.
 */
interface ViewerIdentity {
  readonly headers: IncomingHttpHeaders
  readonly userAgent: string
  readonly token: string
  readonly id: number
}

/**
 * An authentic playback token, with its claims. Expiry, revocation and address are checked again for each
 * request.
 */
export interface VerifiedToken extends Omit<PlaybackClaims, 'address'> {
  token: string
  /** Whether a client of this address may use the token. */
  isFor(address: string): boolean
}

/** A client as seen on one connection, kept from one request to the next. */
export interface Client {
  readonly address: string
  /** The key by which limits per client count: the IPv4 address, or the /64 of the IPv6 address. */
  readonly network: string
  /** Address at which the connection arrived; empty on the hot path, which does not need it. */
  readonly localAddress: string
  /** Maximum of `waiting`; undefined for the default of the coalescer. */
  readonly maxWaiting: number | undefined
  /** Number of requests of this connection that wait for an origin. */
  waiting: number
  /** The last viewer id that was derived on this connection. */
  viewer: ViewerIdentity | undefined
  /** The token of the last request that needed one; undefined before that, and when it was not authentic. */
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
 * Returns the client of one request. This is `peer`, which opened the connection, unless `peer` is a trusted
 * proxy and the header names another client. `last`, the client of the previous request, is returned again if
 * it has the same address.
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
  /** The request target as received. The handlers replace it by its canonical form. */
  target: string
  /** The playback token in the target; empty when there is none. Set by `Access.takeToken`. */
  token: string
  readonly isHead: boolean
  readonly headers: IncomingHttpHeaders
  /**
   * Whether a header field (Range, If-Match, If-None-Match) may change the response from 200 with the whole
   * object.
   */
  readonly isConditional: boolean
  readonly takesGzip: boolean
  /** Whether the client has left, so that nothing can be sent. */
  readonly isGone: boolean
  /** Called when the client leaves. Set only while the request waits for an object. */
  onLeave: (() => void) | null
  /**
   * Responds 200. Age is the time from `madeAt` to `time`, both ms of the edge's clock. `onSent` is called
   * once, when the body is no longer needed.
   */
  sendRepresentation(representation: Representation, madeAt: number, time: number, onSent?: () => void): void
  /**
   * Sends a response. `headers` is flat, `[name, value, …]`, and has no Date. For HEAD the caller passes null
   * as the body. `onSent` is called once, when the body is no longer needed.
   */
  send(status: number, headers: readonly string[], body: Buffer | string | null, onSent?: () => void): void
}
