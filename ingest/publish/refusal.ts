/** Why a connection ended without a session: one word for the log line and the metric. */
export type RefusalReason =
  /** More connections than `maxConnections` or `maxConnectionsPerAddress`. */
  | 'too_many_connections'
  /** Not RTMP, or RTMP that breaks its rules. */
  | 'protocol_error'
  /** A message, or everything before the publish, exceeds its bound. */
  | 'too_large'
  | 'handshake_timeout'
  /** No publish in time. */
  | 'command_timeout'
  /** The client did not read our responses. */
  | 'write_timeout'
  | 'unknown_app'
  /** Unknown, rotated, disabled or missing key. */
  | 'bad_key'
  | 'channel_busy'
  /** The client wanted to play. */
  | 'play_unsupported'
  /** The key could not be checked. */
  | 'unavailable'
  /** The client left before it published. */
  | 'left'
  | 'shutdown'

/** A refusal, with the text that the encoder shows. `description` fits into OBS's message box. */
export interface Refusal {
  reason: RefusalReason
  description: string
}
