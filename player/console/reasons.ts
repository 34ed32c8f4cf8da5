import type { EndReason } from '../../core/contracts/end-reason.ts'

/** Why a session ended, in the operator's words. */
export const reasonWords: Record<EndReason, string> = {
  publisher_left: 'Publisher stopped',
  publisher_lost: 'Publisher lost',
  publisher_idle: 'No media came',
  protocol_error: 'Publisher broke the protocol',
  unsupported_media: 'Codec not supported',
  taken_over: 'Taken over',
  stopped: 'Stopped here',
  channel_removed: 'Channel removed',
  transcode_failed: 'Transcoding failed',
  ingest_lost: 'Ingest went away',
  shutdown: 'Server shut down',
}

/** Endings that nobody meant. */
export const isTrouble = (reason: EndReason): boolean =>
  !['publisher_left', 'taken_over', 'stopped', 'channel_removed', 'shutdown'].includes(reason)
