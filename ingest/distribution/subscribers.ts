/** Whoever takes the media of a session. */
export interface FlvSubscriber {
  /** Takes tags that follow each other; must not keep the array. */
  write(tags: readonly Buffer[]): void
  /** The session is over. */
  end(): void
  /** The reader must come again if it wants more. */
  abort(why: string): void
}

/** Tags that may wait for an urgent one, so that sound travels with the picture that comes next: at most one AAC frame. */
const maxPatientTags = 1

/** The readers of one session; tags are given to them once per read of the publisher's socket, not one by one. */
export class Subscribers {
  readonly #reading = new Set<FlvSubscriber>()
  /** Have come when there was no keyframe to start from. */
  readonly #waiting = new Set<FlvSubscriber>()
  #batch: Buffer[] = []
  #isUrgent = false

  /** `start` gives what a reader begins with, or undefined when it has to wait. */
  add(reader: FlvSubscriber, start: () => readonly Buffer[] | undefined): void {
    // What waits is in the cache already, and must not come to the new reader twice.
    this.#write()
    const first = start()
    if (first) {
      this.#reading.add(reader)
      reader.write(first)
    } else this.#waiting.add(reader)
  }

  remove(reader: FlvSubscriber): void {
    this.#reading.delete(reader)
    this.#waiting.delete(reader)
  }

  get count(): number {
    return this.#reading.size + this.#waiting.size
  }

  /** Takes a tag for the next flush; one that is not urgent may stay for the flush after. */
  push(tag: Buffer, isUrgent: boolean): void {
    if (this.#reading.size === 0) return
    this.#batch.push(tag)
    this.#isUrgent ||= isUrgent || this.#batch.length > maxPatientTags
  }

  /** Gives the tags to the readers, and to those that waited what they begin with. */
  flush(start: () => readonly Buffer[] | undefined): void {
    if (this.#isUrgent) this.#write()
    if (this.#waiting.size === 0) return
    const first = start()
    if (!first) return
    this.#write()
    for (const reader of this.#waiting) {
      this.#waiting.delete(reader)
      this.#reading.add(reader)
      reader.write(first)
    }
  }

  /** Gives up all readers, for the caller to end. */
  detachAll(): FlvSubscriber[] {
    const all = [...this.#reading, ...this.#waiting]
    this.#reading.clear()
    this.#waiting.clear()
    this.#batch = []
    this.#isUrgent = false
    return all
  }

  #write() {
    const batch = this.#batch
    this.#batch = []
    this.#isUrgent = false
    for (const reader of this.#reading) reader.write(batch)
  }

  /** Gives the readers what is left, then ends them. */
  end(): void {
    this.#write()
    for (const reader of this.detachAll()) reader.end()
  }
}
