/** Action of an event. It gets the time of the event, which may be a little in the past. */
type Act = (atMs: number) => void

interface Event {
  at: number
  /** Order in which events were added. It decides between events of the same time. */
  order: number
  act: Act
}

const isBefore = (one: Event, other: Event) =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

/** Queue of events by time, a binary heap. It has no clock: `advance` runs the events that are due. */
export class EventQueue {
  readonly #heap: Event[] = []
  #order = 0

  /** Time of the next event, ms; Infinity when there is none. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY
  }

  /** Adds an event. An event at Infinity is dropped. */
  add(at: number, act: Act): void {
    if (at === Number.POSITIVE_INFINITY) return
    const heap = this.#heap
    this.#order += 1
    const event = { at, order: this.#order, act }
    let index = heap.push(event) - 1
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = heap[above] as Event
      if (!isBefore(event, parent)) break
      heap[index] = parent
      index = above
    }
    heap[index] = event
  }

  /** Runs all events that are due by `now`, including those that these events add. */
  advance(now: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= now; next = this.#heap[0]) {
      this.#removeFirst()
      next.act(next.at)
    }
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (let child = 1; child < heap.length; child = 2 * index + 1) {
      const [left, right] = [heap[child] as Event, heap[child + 1]]
      const isRight = right !== undefined && isBefore(right, left)
      const smaller = isRight ? right : left
      if (!isBefore(smaller, last)) break
      heap[index] = smaller
      index = isRight ? child + 1 : child
    }
    heap[index] = last
  }
}
