import type { ServerResponse } from 'node:http'
import { endOfPublish, endOfSession, keepAlive, keepAliveMs } from '../../core/media/flv-tag.ts'
import { tagOverheadBytes } from './gop-cache.ts'

/** Destination of a session's FLV. There is one for each transcoder that pulls the session. */
export interface FlvSubscriber {
  /**
   * Session time from which it needs media, ms: earlier media may have been read before. Undefined: the
   * newest GOP is enough.
   */
  readonly fromMs?: number | undefined
  /** Sends tags in order. All subscribers of a session may get the same array. */
  write(tags: readonly Buffer[]): void
  /**
   * Called once, when the publish has ended. `isOver` is true if the session has ended too, and false if it
   * waits for its publisher.
   */
  end(isOver: boolean): void
}

/**
 * Maximum lag of a subscriber beyond what it received at its start, bytes. Each waiting tag counts with
 * `tagOverheadBytes` more.
 */
export const maxSubscriberLagBytes = 16 * 1024 * 1024

type Response = Pick<ServerResponse, 'write' | 'end' | 'destroy' | 'destroyed' | 'writableLength'>

/** Interval of the check whether a keep-alive is due, ms. */
const checkMs = keepAliveMs / 2

/**
 * A subscriber over HTTP: the tags are the body of a response. The body ends with `endOfSession` when the
 * session has ended, and with `endOfPublish` at an interruption. When the client lags by more than
 * `maxSubscriberLagBytes`, the connection is destroyed without either tag, so that no transcoder takes this
 * for the end of the session. While there is no media, keep-alives show that this process is not frozen.
 */
export class HttpSubscriber implements FlvSubscriber {
  readonly fromMs: number | undefined
  readonly #response: Response
  readonly #onDropped: (why: string) => void
  #waitingTags = 0
  #lagLimit: number | undefined
  #timer: NodeJS.Timeout | undefined
  #hasWritten = false

  /**
   * `onDropped` is called with the reason when the client is too slow, before its connection is destroyed.
   */
  constructor(response: Response, onDropped: (why: string) => void, fromMs?: number) {
    this.fromMs = fromMs
    this.#response = response
    this.#onDropped = onDropped
  }

  write(tags: readonly Buffer[]): void {
    const { length } = tags
    if (length === 0 || this.#response.destroyed) return
    this.#waitingTags += length
    for (let n = 0; n < length - 1; n++) this.#response.write(tags[n])
    this.#response.write(tags[length - 1], () => {
      this.#waitingTags -= length
    })
    this.#keepAlive()
    const lag = this.#response.writableLength + this.#waitingTags * tagOverheadBytes
    this.#lagLimit ??= maxSubscriberLagBytes + lag
    if (lag > this.#lagLimit) this.#drop('subscriber lags')
  }

  end(isOver: boolean): void {
    this.stop()
    this.#response.end(isOver ? endOfSession : endOfPublish)
  }

  /** Must be called when the connection is closed. Sends no more keep-alives. */
  stop(): void {
    clearInterval(this.#timer)
  }

  /** Begins with keep-alives after the first tags, because nothing may come before the head of the FLV. */
  #keepAlive() {
    this.#hasWritten = true
    if (this.#timer !== undefined) return
    this.#response.write(keepAlive)
    this.#timer = setInterval(() => {
      if (!this.#hasWritten && this.#response.writableLength === 0) this.#response.write(keepAlive)
      this.#hasWritten = false
    }, checkMs).unref()
  }

  #drop(why: string) {
    this.stop()
    this.#onDropped(why)
    this.#response.destroy()
  }
}
