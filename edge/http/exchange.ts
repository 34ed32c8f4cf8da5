import type { IncomingHttpHeaders } from 'node:http'
import type { PlaybackClaims } from '../../core/playback/playback-token.ts'
import type { Representation } from '../objects/representation.ts'

/** A viewer's id and what it was derived from, so that it is derived again only when that has changed. */
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
  /** Maximum of `waiting`; undefined for the default, which allows some pipelining. */
  readonly maxWaiting: number | undefined
  /** Number of requests of this connection that wait for an origin. */
  waiting: number
  /** The viewer that the previous request was identified as. */
  viewer: ViewerIdentity | undefined
  /** The playback token of the last request that needed one. */
  verifiedToken: VerifiedToken | undefined
}

export const newClient = (address: string | undefined, maxWaiting?: number): Client => ({
  address: address ?? '',
  maxWaiting,
  waiting: 0,
  viewer: undefined,
  verifiedToken: undefined,
})

/**
 * One GET or HEAD request with the means to respond. HTTP/2, `node:http` and the hot path each implement it;
 * every decision is made once, in terms of this interface.
 */
export interface Exchange {
  readonly client: Client
  /** The request target as it came. */
  readonly target: string
  /** The playback token in the target; empty when there is none. Set when access is checked. */
  token: string
  readonly isHead: boolean
  readonly headers: IncomingHttpHeaders
  /** Whether a header field (Range, If-None-Match) asks for less than the whole object. */
  readonly isConditional: boolean
  readonly takesGzip: boolean
  /** True once the client has left and a response would be in vain. */
  readonly isGone: boolean
  /**
   * Called when the client leaves. Set only while there is work in progress that is then not needed any more.
   */
  onLeave: (() => void) | null
  /**
   * Responds 200 with an object made at `madeAt` (ms of the edge's clock) and its Age at `time`. `onSent` is
   * called once, when the body is not needed any more.
   */
  sendRepresentation(representation: Representation, madeAt: number, time: number, onSent?: () => void): void
  /**
   * Sends any other response: flat headers `[name, value, …]` without Date, and the body as it is, also for
   * HEAD.
   */
  send(status: number, headers: readonly string[], body: Buffer | string | null, onSent?: () => void): void
}
