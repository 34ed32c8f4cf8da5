/** Why a connection ended without a session: one word for the log line and the metric. */
export type RefusalReason =
  /** More connections than `maxConnections` or `maxConnectionsPerAddress`. */
  | 'too_many_connections'
  /** Not RTMP, or RTMP that breaks its rules. */
  | 'protocol_error'
  /** A message, or all before the publish, beyond its bound. */
  | 'too_large'
  | 'handshake_timeout'
  /** No publish in time. */
  | 'command_timeout'
  /** Our answers were not read. */
  | 'write_timeout'
  | 'unknown_app'
  /** Unknown, rotated, disabled or missing key. */
  | 'bad_key'
  | 'channel_busy'
  /** Somebody wanted to play. */
  | 'play_unsupported'
  /** The key could not be checked. */
  | 'unavailable'
  /** The peer went away before it published. */
  | 'left'
  | 'shutdown'

/** A refusal with what the publisher is told; `description` is fit for OBS's message box. */
export interface Refusal {
  reason: RefusalReason
  description: string
}

/** The peer broke a rule of the protocol or a bound; thrown inside the parser, which ends the connection. */
export class ProtocolViolation extends Error {
  readonly reason: 'protocol_error' | 'too_large'

  constructor(reason: 'protocol_error' | 'too_large', message: string) {
    super(message)
    this.name = 'ProtocolViolation'
    this.reason = reason
  }
}
