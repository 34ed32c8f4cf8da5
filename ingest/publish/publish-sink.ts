import type { EndReason } from '../../core/contracts/end-reason.ts'

/** Destination of the media of a publisher. The RTMP parser calls it for each media message. */
export interface PublishSink {
  /**
   * Receives a message of audio (type 8), video (9) or data (18). Its payload is at the place that it has in
   * an FLV tag; the header of the tag is still empty. `timestamp` is that of the message, ms, 32 bits; `now`
   * is the time of arrival, ms of the monotonic clock.
   */
  receive(type: number, timestamp: number, tag: Buffer, now: number): void
  /**
   * Called when all messages of one read of the socket have been received, so that they can be sent together.
   */
  flush(): void
}

/** The part of a session that the connection of its publisher uses. */
export interface PublishedSession extends PublishSink {
  /** Time for which the session waits for a publisher that is lost or silent, ms; 0: it does not wait. */
  readonly graceMs: number
  /** Ends the publish; the session may wait for the publisher to return. Only the first call counts. */
  end(reason: EndReason, detail?: string): void
  /** Calls `listener` once: when the publish ends for any reason, or at once if it has ended. */
  onEnd(listener: (reason: EndReason, detail: string | null) => void): void
}
