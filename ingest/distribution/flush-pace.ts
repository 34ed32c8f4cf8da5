/** Minimum number of sessions with subscribers for which writes are joined. */
const manySessions = 5
/** Maximum time for which a write waits for those of other sessions, ms. */
const joinMs = 12

/**
 * Joins the writes of many sessions, because each write wakes the process of the transcoder, which costs
 * about as much as its work on the media. Without this, 20 streams woke it 700 times a second. With few
 * sessions every write is immediate.
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

  /**
   * Calls `write` at once, or within `joinMs` when there are many sessions. Requests with the same function
   * until then cause one call.
   */
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
