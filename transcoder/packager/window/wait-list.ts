/**
 * End of a wait. `ready`: what it waits for exists. `late`: it reached its time limit. `gone`: what it waits
 * for will never come. `full`: there were too many waits already.
 */
export type WaitEnd = 'ready' | 'late' | 'gone' | 'full'

interface Wait {
  state: () => 'ready' | 'gone' | 'pending'
  settle: (end: WaitEnd) => void
  /** Time at which the wait ends as `late`, ms of `performance.now()`. */
  deadline: number
}

interface WaitListOptions {
  /** Time after which a wait ends as `late`, ms. */
  holdMs: number
  maxWaits?: number
}

export type WaitList = ReturnType<typeof createWaitList>

/**
 * Holds requests until media of one rendition is published. All waits have the same time limit, so one timer
 * is enough.
 */
export function createWaitList({ holdMs, maxWaits = 1000 }: WaitListOptions) {
  /** Waits in the order of their deadlines. */
  const waits = new Set<Wait>()
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  function end(wait: Wait, how: WaitEnd) {
    remove(wait)
    wait.settle(how)
  }

  function remove(wait: Wait) {
    waits.delete(wait)
    if (waits.size > 0) return
    clearTimeout(timer)
    timer = undefined
  }

  function endLate() {
    timer = undefined
    const now = performance.now()
    for (const wait of waits) {
      if (wait.deadline > now) return startTimer(wait.deadline - now)
      end(wait, 'late')
    }
  }

  function startTimer(ms: number) {
    timer ??= setTimeout(endLate, Math.ceil(ms))
  }

  return {
    get size() {
      return waits.size
    },

    /**
     * Calls `settle` exactly once: now if `state` is not pending, or the list is full or closed; otherwise
     * when `review` finds that `state` has changed, after `holdMs`, or when the list is closed. Returns the
     * function that cancels the wait.
     */
    add(state: Wait['state'], settle: Wait['settle']): () => void {
      const current = state()
      if (current !== 'pending' || waits.size >= maxWaits || isClosed) {
        settle(current !== 'pending' ? current : isClosed ? 'late' : 'full')
        return () => {}
      }
      const wait = { state, settle, deadline: performance.now() + holdMs }
      waits.add(wait)
      startTimer(holdMs)
      return () => remove(wait)
    },

    /** Ends the waits whose state is no longer pending. Must be called after each publication. */
    review(): void {
      for (const wait of waits) {
        const current = wait.state()
        if (current !== 'pending') end(wait, current)
      }
    },

    /** Ends all waits as `late` now, and each later one at once. */
    close(): void {
      isClosed = true
      for (const wait of waits) end(wait, 'late')
    },
  }
}
