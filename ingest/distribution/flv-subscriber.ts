import type { ServerResponse } from 'node:http'
import { endOfPublish, endOfSession } from '../../core/media/flv-tag.ts'
import { tagOverheadBytes } from './gop-cache.ts'

/** Destination of a session's FLV. There is one for each transcoder that pulls the session. */
export interface FlvSubscriber {
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

/**
 * A subscriber over HTTP: the tags are the body of a response. The body ends with `endOfSession` when the
 * session has ended, and with `endOfPublish` at an interruption. When the client lags by more than
 * `maxSubscriberLagBytes`, the connection is destroyed without either tag, so that no transcoder takes this
 * for the end of the session.
 */
export class HttpSubscriber implements FlvSubscriber {
  readonly #response: Response
  readonly #onDropped: (why: string) => void
  #waitingTags = 0
  #lagLimit: number | undefined

  /**
   * `onDropped` is called with the reason when the client is too slow, before its connection is destroyed.
   */
  constructor(response: Response, onDropped: (why: string) => void) {
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
    const lag = this.#response.writableLength + this.#waitingTags * tagOverheadBytes
    this.#lagLimit ??= maxSubscriberLagBytes + lag
    if (lag > this.#lagLimit) this.#drop('subscriber lags')
  }

  end(isOver: boolean): void {
    this.#response.end(isOver ? endOfSession : endOfPublish)
  }

  #drop(why: string) {
    this.#onDropped(why)
    this.#response.destroy()
  }
}
