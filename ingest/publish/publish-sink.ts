import type { EndReason } from '../../core/contracts/end-reason.ts'

/** Receives the media of a publisher, directly from the RTMP parser. */
export interface PublishSink {
  /**
   * Receives a message of audio (8), video (9) or data (18), in an FLV tag whose header is not written yet.
   * `now` is when it arrived, ms of the monotonic clock.
   */
  receive(type: number, timestamp: number, tag: Buffer, now: number): void
  /** Called when all messages of one read of the socket have been received. */
  flush(): void
}

/** A session, as the connection of its publisher sees it. */
export interface PublishedSession extends PublishSink {
  /** Ends the session. The first cause wins. */
  end(reason: EndReason, detail?: string): void
  /** Calls back once, when the session has ended for any reason. */
  onEnd(listener: (reason: EndReason, detail: string | null) => void): void
}
