import type { IncomingHttpHeaders } from 'node:http'
import type { Ticket } from '../access/verified-token.ts'
import type { Form } from '../objects/representation.ts'

/** A viewer as the connection tells, and what that was read from. */
export interface KnownViewer {
  readonly headers: IncomingHttpHeaders
  readonly userAgent: string
  readonly token: string
  readonly id: number
}

/** What is remembered with a viewer's connection, from one request on it to the next. */
export interface Client {
  readonly address: string
  /** Requests of this connection that wait for an origin. */
  waiting: number
  /** How many of them may wait at one time, where that is not the few of pipelining. */
  readonly mostWaiting?: number
  /** The viewer it was taken for last. */
  viewer: KnownViewer | undefined
  /** The playback token it came with last. */
  ticket: Ticket | undefined
}

/**
 * One GET or HEAD of a viewer and the way to answer it. HTTP/2, `node:http` and the hot path each have their own; everything that
 * is decided is decided behind it, once for all.
 */
export interface Exchange {
  readonly client: Client
  /** The request target as it came. */
  readonly target: string
  /** The playback token in the target, as it came; empty when there is none. Known once it was taken out. */
  token: string
  readonly isHead: boolean
  readonly headers: IncomingHttpHeaders
  /** Whether a field (Range, If-None-Match) asks for something else than the whole. */
  readonly isConditional: boolean
  /** Whether the viewer takes gzip. */
  readonly takesGzip: boolean
  /** Whether the viewer left. */
  readonly isOver: boolean
  /** Called when the viewer leaves; set while something is done for them that would be in vain then. */
  leave: (() => void) | null
  /**
   * Answers 200 with an object made at `madeAt` (ms of the edge's clock), its Age true at `time`. `onSent` is called once when nothing
   * of the body is needed any more.
   */
  sendForm(form: Form, madeAt: number, time: number, onSent?: () => void): void
  /** Answers anything else: flat headers `[name, value, …]` without Date, and the body as it goes out, HEAD or not. */
  send(status: number, headers: readonly string[], body: Buffer | string | null, onSent?: () => void): void
}
