import type { ServerResponse } from 'node:http'
import { endOfSession } from '../../core/media/flv-tag.ts'
import { tagOverheadBytes } from './gop-cache.ts'

/** Destination of a session's FLV. There is one for each transcoder that pulls the session. */
export interface FlvSubscriber {
  /** Sends tags in order. The caller may change the array later, so implementations must not keep it. */
  write(tags: readonly Buffer[]): void
  /** Called once, when the session has ended. */
  end(): void
}

/**
 * Maximum size of the tags that wait for a subscriber beyond those of its first write, with overhead, bytes.
 */
export const maxSubscriberLagBytes = 16 * 1024 * 1024

type Response = Pick<ServerResponse, 'write' | 'end' | 'destroy' | 'destroyed' | 'writableLength'>

/**
 * A subscriber over HTTP. The tags are the body of a response, which ends with `endOfSession`. When the
 * client lags by more than `maxSubscriberLagBytes`, the connection is destroyed. The body then lacks its end,
 * so that no transcoder takes this for the end of the session.
 */
export class HttpSubscriber implements FlvSubscriber {
  readonly #response: Response
  readonly #onDropped: (why: string) => void
  #waitingTags = 0
  #lagLimit: number | undefined

  /** `onDropped` is called with the reason when the client is too slow and its connection is destroyed. */
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
