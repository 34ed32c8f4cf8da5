import { FlushPace } from './flush-pace.ts'
import type { FlvSubscriber } from './flv-subscriber.ts'

/**
 * Maximum number of tags that a flush may leave waiting, so that sound is sent together with the next
 * picture.
 */
const maxDeferredTags = 2
/** Maximum number of tags in one write. An aggregate message can contain many more. */
const maxBatchTags = 1000

/**
 * Returns the tags with which a subscriber begins that needs media from a session time on, ms; by default
 * those of the newest GOP. Undefined while there is no media to begin with.
 */
type StreamStart = (fromMs?: number) => readonly Buffer[] | undefined

/**
 * The subscribers of one session. Tags are sent together, once per read of the publisher's socket or less
 * often, because a write for each tag costs more.
 */
export class Subscribers {
  readonly #streamStart: StreamStart
  readonly #active = new Set<FlvSubscriber>()
  /** Subscribers that receive nothing until `streamStart` returns the tags with which they begin. */
  readonly #waiting = new Set<FlvSubscriber>()
  readonly #pace: FlushPace
  readonly #write = () => this.#writeBatch()
  #batch: Buffer[] = []
  #isUrgent = false

  constructor(streamStart: StreamStart, pace = new FlushPace()) {
    this.#streamStart = streamStart
    this.#pace = pace
  }

  add(subscriber: FlvSubscriber): void {
    // The tags of the batch are also in the result of `streamStart`. The new subscriber must not receive them
    // twice.
    this.#writeBatch()
    const start = this.#streamStart(subscriber.fromMs)
    if (start) {
      this.#active.add(subscriber)
      subscriber.write(start)
    } else this.#waiting.add(subscriber)
    this.#activityChanged()
  }

  remove(subscriber: FlvSubscriber): void {
    this.#active.delete(subscriber)
    this.#waiting.delete(subscriber)
    this.#activityChanged()
  }

  get count(): number {
    return this.#active.size + this.#waiting.size
  }

  /**
   * Adds a tag. The next `flush` sends it if it is urgent. Others wait for an urgent one, or until there are
   * more than `maxDeferredTags`.
   */
  push(tag: Buffer, isUrgent: boolean): void {
    if (this.#active.size === 0) return
    this.#batch.push(tag)
    this.#isUrgent ||= isUrgent || this.#batch.length > maxDeferredTags
    if (this.#batch.length >= maxBatchTags) this.#writeBatch()
  }

  /** Sends the batch if it is urgent, and the start of the stream to the subscribers that wait for it. */
  flush(): void {
    if (this.#isUrgent) this.#pace.request(this.#write)
    if (this.#waiting.size === 0 || !this.#streamStart()) return
    this.#writeBatch()
    for (const subscriber of this.#waiting) {
      this.#waiting.delete(subscriber)
      this.#active.add(subscriber)
      subscriber.write(this.#streamStart(subscriber.fromMs) ?? [])
    }
    this.#activityChanged()
  }

  /** Sends the tags of the batch, then ends all subscribers. `isOver`: whether the session has ended. */
  end(isOver: boolean): void {
    this.#writeBatch()
    const all = [...this.#active, ...this.#waiting]
    this.#active.clear()
    this.#waiting.clear()
    this.#activityChanged()
    for (const subscriber of all) subscriber.end(isOver)
  }

  #activityChanged() {
    this.#pace.setActive(this, this.#active.size > 0)
  }

  #writeBatch() {
    const batch = this.#batch
    if (batch.length === 0) return
    this.#batch = []
    this.#isUrgent = false
    for (const subscriber of this.#active) subscriber.write(batch)
  }
}
