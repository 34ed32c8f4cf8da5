/**
 * Deadlines of connections, ms. Every state in which a client can keep a connection of a listener open has a
 * deadline here. `test/connections/` brings connections of each listener into each state and expects their
 * end. A connection may end up to a second after its deadline.
 */
export const deadlines = {
  /** Listeners of ingest for publishers: RTMP and RTMPS. */
  rtmp: {
    /** From the start of the connection to the end of the TLS handshake. */
    tlsHandshakeMs: 5000,
    /** From the start of the connection, or the end of the TLS handshake, to the end of RTMP's handshake. */
    handshakeMs: 5000,
    /** From the handshake, or from the end of a publish, to the next publish command. */
    commandMs: 10_000,
    /** Look-up of a key and claim of its channel. If that takes longer, the publisher is refused. */
    authorizationMs: 10_000,
    /** Between two media messages of a publisher. The grace time of the session applies if it is longer. */
    idleMs: 10_000,
    /** Time for which responses may wait because the client does not read. */
    responseMs: 10_000,
    /** Time for a client to read the last response. */
    lingerMs: 2000,
  },
  /** Listener of edges for viewers, with or without TLS, and for other edges. */
  edge: {
    tlsHandshakeMs: 5000,
    headMs: 5000,
    bodyMs: 10_000,
    idleMs: 30_000,
    responseMs: 30_000,
  },
  /** Listener of the manager, for the API and the pages. */
  manager: {
    headMs: 10_000,
    bodyMs: 30_000,
    idleMs: 75_000,
    responseMs: 30_000,
  },
  /** Listeners of ingest and transcoder for other roles. */
  internal: {
    headMs: 10_000,
    bodyMs: 30_000,
    idleMs: 75_000,
    responseMs: 30_000,
  },
} as const satisfies Record<string, RtmpDeadlines | HttpDeadlines>

export interface RtmpDeadlines {
  tlsHandshakeMs: number
  handshakeMs: number
  commandMs: number
  authorizationMs: number
  idleMs: number
  responseMs: number
  lingerMs: number
}

/** Deadlines of HTTP/1.1 and HTTP/2. */
export interface HttpDeadlines {
  /** From the start of the connection, or the first byte of a later request, to the end of a request head. */
  headMs: number
  /** From the head of a request to the end of its body. */
  bodyMs: number
  /** Time without a request, counted from the last response. Bytes that are no request do not extend it. */
  idleMs: number
  /** Time for which a response may wait because the client does not read. */
  responseMs: number
}

/** Deadlines of a listener with TLS. */
export interface SecureHttpDeadlines extends HttpDeadlines {
  /** From the start of the connection to the end of the TLS handshake. */
  tlsHandshakeMs: number
}
