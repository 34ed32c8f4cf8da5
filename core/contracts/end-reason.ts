/** Why a session ended; the same word in the log, the API and the metric. The first cause wins. */
export type EndReason =
  /** The publisher ended the stream. */
  | 'publisher_left'
  /** The publisher's connection broke. */
  | 'publisher_lost'
  /** No media arrived for the idle timeout. */
  | 'publisher_idle'
  /** The publisher broke the protocol. */
  | 'protocol_error'
  /** The publisher uses a codec or format that cannot be transcoded here. */
  | 'unsupported_media'
  /** The publisher sends more than is allowed: bitrate, changes of codec headers. */
  | 'limit_exceeded'
  /** Another publisher of the same channel took over. */
  | 'taken_over'
  /** The operator stopped the session. */
  | 'stopped'
  /** The channel was deleted or disabled. */
  | 'channel_removed'
  /** Transcoding failed too often. */
  | 'transcode_failed'
  /** The ingest process died without ending the session. */
  | 'ingest_lost'
  /** The ingest process was shut down in an orderly way. */
  | 'shutdown'

export const endReasons = [
  'publisher_left',
  'publisher_lost',
  'publisher_idle',
  'protocol_error',
  'unsupported_media',
  'limit_exceeded',
  'taken_over',
  'stopped',
  'channel_removed',
  'transcode_failed',
  'ingest_lost',
  'shutdown',
] as const satisfies readonly EndReason[]
