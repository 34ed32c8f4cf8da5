import type { EndReason } from '../../core/contracts/end-reason.ts'

/** Destination of the media of a publisher. The RTMP parser calls it for each message. */
export interface PublishSink {
  /**
   * Receives a message of audio (type 8), video (9) or data (18). `timestamp` is the publisher's, ms. `tag`
   * is an FLV tag that contains the payload; its header is still empty. `now` is the time of arrival, ms of
   * the monotonic clock.
   */
  receive(type: number, timestamp: number, tag: Buffer, now: number): void
  /**
   * Called when all messages of one read of the socket have been received, so that they can be sent together.
   */
  flush(): void
}

/** The part of a session that the connection of its publisher uses. */
export interface PublishedSession extends PublishSink {
  /** Ends the session. Only the first call counts. */
  end(reason: EndReason, detail?: string): void
  /** Calls `listener` once, when the session has ended for any reason; at once if it has ended already. */
  onEnd(listener: (reason: EndReason, detail: string | null) => void): void
}
