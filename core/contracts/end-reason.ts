/** Why a session ended; the same word in the log, the API and the metric. Only the first cause counts. */
export type EndReason =
  /** The publisher ended the stream. */
  | 'publisher_left'
  /** The publisher's connection broke, was silent when the publisher came back, or left responses unread. */
  | 'publisher_lost'
  /** No media arrived for the idle timeout, or for the grace time if that is longer. */
  | 'publisher_idle'
  /** The publisher violated the RTMP protocol or exceeded a limit of it. */
  | 'protocol_error'
  /** The codec, format or picture size is not supported, or no media can be decoded. */
  | 'unsupported_media'
  /** The bitrate was too high, or the codec headers changed too often. */
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
  /** The ingest process was shut down. */
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
