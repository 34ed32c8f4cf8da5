import type { FlvSubscriber } from './flv-subscriber.ts'

/**
 * Maximum number of tags that wait for an urgent one, so that sound is sent with the next picture. One tag is
 * one AAC frame.
 */
const maxDeferredTags = 1
/** Maximum number of tags that are sent at once. One read can have many more: of an aggregate message. */
const maxBatchTags = 1000

/**
 * The subscribers of one session. Tags are sent once per read of the publisher's socket, because a write for
 * each tag costs more.
 */
export class Subscribers {
  /** What a subscriber receives first; undefined while there is no keyframe to start from. */
  readonly #streamStart: () => readonly Buffer[] | undefined
  readonly #active = new Set<FlvSubscriber>()
  /** Subscribed while there was no keyframe. */
  readonly #waiting = new Set<FlvSubscriber>()
  #batch: Buffer[] = []
  #isUrgent = false

  constructor(streamStart: () => readonly Buffer[] | undefined) {
    this.#streamStart = streamStart
  }

  add(subscriber: FlvSubscriber): void {
    // The start includes the tags of the batch, which the new subscriber must not receive twice.
    this.#writeBatch()
    const start = this.#streamStart()
    if (start) {
      this.#active.add(subscriber)
      subscriber.write(start)
    } else this.#waiting.add(subscriber)
  }

  remove(subscriber: FlvSubscriber): void {
    this.#active.delete(subscriber)
    this.#waiting.delete(subscriber)
  }

  get count(): number {
    return this.#active.size + this.#waiting.size
  }

  /** Adds a tag to the next flush, or if it is not urgent to the one after that. */
  push(tag: Buffer, isUrgent: boolean): void {
    if (this.#active.size === 0) return
    this.#batch.push(tag)
    this.#isUrgent ||= isUrgent || this.#batch.length > maxDeferredTags
    if (this.#batch.length >= maxBatchTags) this.#writeBatch()
  }

  /** Sends the tags, and the start of the stream to the subscribers that wait for it. */
  flush(): void {
    if (this.#isUrgent) this.#writeBatch()
    if (this.#waiting.size === 0) return
    const start = this.#streamStart()
    if (!start) return
    this.#writeBatch()
    for (const subscriber of this.#waiting) {
      this.#waiting.delete(subscriber)
      this.#active.add(subscriber)
      subscriber.write(start)
    }
  }

  /** Sends the remaining tags, then ends all subscribers. */
  end(): void {
    this.#writeBatch()
    const all = [...this.#active, ...this.#waiting]
    this.#active.clear()
    this.#waiting.clear()
    for (const subscriber of all) subscriber.end()
  }

  #writeBatch() {
    const batch = this.#batch
    if (batch.length === 0) return
    this.#batch = []
    this.#isUrgent = false
    for (const subscriber of this.#active) subscriber.write(batch)
  }
}
