import type { ServerResponse } from 'node:http'

/** One transcoder that pulls the FLV of a session. */
export interface FlvSubscriber {
  /** Sends tags in order. Must not keep the array. */
  write(tags: readonly Buffer[]): void
  /** The session has ended. */
  end(): void
}

/** Maximum bytes that wait for a subscriber, beyond what it received at its start. */
export const maxSubscriberLagBytes = 16 * 1024 * 1024

/**
 * A subscriber over HTTP: the tags are the chunked body of a response. When it lags by more than
 * `maxSubscriberLagBytes`, the connection is destroyed. The body is then incomplete, so the transcoder cannot
 * mistake it for the end of the session.
 */
export class HttpSubscriber implements FlvSubscriber {
  readonly #response: ServerResponse
  readonly #onDropped: (why: string) => void
  #lagLimit: number | undefined

  /** `onDropped` is called when this side destroys the connection. */
  constructor(response: ServerResponse, onDropped: (why: string) => void) {
    this.#response = response
    this.#onDropped = onDropped
  }

  write(tags: readonly Buffer[]): void {
    for (const tag of tags) this.#response.write(tag)
    this.#lagLimit ??= maxSubscriberLagBytes + this.#response.writableLength
    if (this.#response.writableLength > this.#lagLimit) this.abort('subscriber lags')
  }

  end(): void {
    this.#response.end()
  }

  abort(why: string): void {
    if (this.#response.destroyed) return
    this.#onDropped(why)
    this.#response.destroy()
  }
}
