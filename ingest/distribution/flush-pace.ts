/** Minimum number of sessions with subscribers at which their writes are joined. */
const manySessions = 5
/** Time for which a write waits for those of other sessions, ms. */
const joinMs = 12

/**
 * Joins the writes of many sessions. Each write wakes the process of the transcoder, which costs about as
 * much as what that process then does with the media: with 20 streams it was woken 700 times a second. With
 * fewer than `manySessions` every write is immediate.
 */
export class FlushPace {
  readonly #sessions = new Set<object>()
  readonly #due = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined

  /** Records whether a session has subscribers. */
  setActive(session: object, isActive: boolean): void {
    if (isActive) this.#sessions.add(session)
    else this.#sessions.delete(session)
  }

  /** Calls `write` at once, or within `joinMs`, once for all requests until then. */
  request(write: () => void): void {
    this.#due.add(write)
    if (this.#sessions.size < manySessions) this.#writeAll()
    else this.#timer ??= setTimeout(() => this.#writeAll(), joinMs)
  }

  #writeAll() {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const due = [...this.#due]
    this.#due.clear()
    for (const write of due) write()
  }
}
