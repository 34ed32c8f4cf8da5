/** Something that must be over at a time, ms of `performance.now()`. */
export interface Deadline {
  readonly at: number
  onPassed(): void
}

/**
 * Watches the deadlines of one viewer with one timer. Almost all deadlines are removed long before they pass,
 * so the timer stays as it is when one is added or removed, unless the new one is the earliest.
 */
export function createDeadlines() {
  const waiting: Deadline[] = []
  let timer: NodeJS.Timeout | undefined
  let firesAt = Number.POSITIVE_INFINITY

  function armFor(at: number) {
    if (at >= firesAt) return
    clearTimeout(timer)
    firesAt = at
    timer = setTimeout(onTimer, Math.max(0, at - performance.now()))
  }
  function onTimer() {
    const now = performance.now()
    timer = undefined
    firesAt = Number.POSITIVE_INFINITY
    for (const deadline of waiting.filter(({ at }) => at <= now)) if (remove(deadline)) deadline.onPassed()
    for (const { at } of waiting) armFor(at)
  }
  function remove(deadline: Deadline): boolean {
    const index = waiting.indexOf(deadline)
    if (index >= 0) waiting.splice(index, 1)
    return index >= 0
  }

  return {
    add(deadline: Deadline): void {
      waiting.push(deadline)
      armFor(deadline.at)
    },
    /** Removes a deadline. Returns whether it had not passed. */
    remove,
    /** Forgets all deadlines. */
    close(): void {
      clearTimeout(timer)
      waiting.length = 0
    },
  }
}
