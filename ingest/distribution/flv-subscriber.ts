import type { ServerResponse } from 'node:http'
import { endOfSession } from '../../core/media/flv-tag.ts'
import { tagOverheadBytes } from './gop-cache.ts'

/** One transcoder that pulls the FLV of a session. */
export interface FlvSubscriber {
  /** Sends tags in order. Must not keep the array. */
  write(tags: readonly Buffer[]): void
  /** The session has ended. */
  end(): void
}

/** Maximum bytes that wait for a subscriber, beyond what it received at its start. */
export const maxSubscriberLagBytes = 16 * 1024 * 1024

type Response = Pick<ServerResponse, 'write' | 'end' | 'destroy' | 'destroyed' | 'writableLength'>

/**
 * A subscriber over HTTP: the tags are the body of a response, which ends with `endOfSession`. When it lags
 * by more than `maxSubscriberLagBytes`, the connection is destroyed. The body then lacks its end, so the
 * transcoder cannot mistake it for the end of the session.
 */
export class HttpSubscriber implements FlvSubscriber {
  readonly #response: Response
  readonly #onDropped: (why: string) => void
  #waitingTags = 0
  #lagLimit: number | undefined

  /** `onDropped` is called when this side destroys the connection. */
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

  end(): void {
    this.#response.end(endOfSession)
  }

  #drop(why: string) {
    this.#onDropped(why)
    this.#response.destroy()
  }
}
