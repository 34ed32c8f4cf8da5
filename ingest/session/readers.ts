/** Whoever takes the media of a session. */
export interface SessionReader {
  /** Takes tags that follow each other; must not keep the array. */
  write(tags: readonly Buffer[]): void
  /** The session is over. */
  end(): void
  /** The reader must come again if it wants more. */
  abort(why: string): void
}

/** The readers of one session; tags are given to them once per read of the publisher's socket, not one by one. */
export class Readers {
  readonly #reading = new Set<SessionReader>()
  /** Have come when there was no keyframe to start from. */
  readonly #waiting = new Set<SessionReader>()
  #batch: Buffer[] = []

  /** `start` gives what a reader begins with, or undefined when it has to wait. */
  add(reader: SessionReader, start: () => readonly Buffer[] | undefined): void {
    const first = start()
    if (first) {
      this.#reading.add(reader)
      reader.write(first)
    } else this.#waiting.add(reader)
  }

  remove(reader: SessionReader): void {
    this.#reading.delete(reader)
    this.#waiting.delete(reader)
  }

  get count(): number {
    return this.#reading.size + this.#waiting.size
  }

  push(tag: Buffer): void {
    if (this.#reading.size > 0) this.#batch.push(tag)
  }

  flush(start: () => readonly Buffer[] | undefined): void {
    if (this.#batch.length > 0) {
      const batch = this.#batch
      this.#batch = []
      for (const reader of this.#reading) reader.write(batch)
    }
    if (this.#waiting.size === 0) return
    const first = start()
    if (!first) return
    for (const reader of this.#waiting) {
      this.#waiting.delete(reader)
      this.#reading.add(reader)
      reader.write(first)
    }
  }

  /** Gives up all readers, for the caller to end. */
  detachAll(): SessionReader[] {
    const all = [...this.#reading, ...this.#waiting]
    this.#reading.clear()
    this.#waiting.clear()
    this.#batch = []
    return all
  }

  /** Gives the readers what is left, then ends them. */
  end(): void {
    this.flush(() => undefined)
    for (const reader of this.detachAll()) reader.end()
  }
}
