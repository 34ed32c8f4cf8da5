/** Why a connection ended without a session. The log line and the metric contain this word. */
export type RefusalReason =
  /**
   * All `maxConnections` or `maxConnectionsPerAddress` places were taken, or a newcomer got the client's
   * place.
   */
  | 'too_many_connections'
  /** The bytes are not RTMP, or break its rules. */
  | 'protocol_error'
  /** A message, the number of chunk streams, or everything before the publish exceeded its limit. */
  | 'too_large'
  | 'handshake_timeout'
  /** No publish command came in time. */
  | 'command_timeout'
  /** The client did not read our responses. */
  | 'write_timeout'
  | 'unknown_app'
  /** The key is missing, malformed, unknown, rotated or disabled. */
  | 'bad_key'
  | 'channel_busy'
  /** All transcoders have as many sessions as they take. */
  | 'no_room'
  /** The client asked to play. This server has no playback over RTMP. */
  | 'play_unsupported'
  /** The key could not be checked, because Redis is away or slow. */
  | 'unavailable'
  /** The client left before it published. */
  | 'left'
  | 'shutdown'

/** A refusal with a text for the encoder. `description` is short enough for OBS's message box. */
export interface Refusal {
  reason: RefusalReason
  description: string
}
