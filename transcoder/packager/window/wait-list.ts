/**
 * How a wait ended. `late`: it took too long. `gone`: what was waited for will never come. `full`: the list
 * has reached its limit.
 */
export type WaitEnd = 'ready' | 'late' | 'gone' | 'full'

interface Wait {
  state: () => 'ready' | 'gone' | 'pending'
  settle: (end: WaitEnd) => void
  /** `performance.now()`. */
  deadline: number
}

interface WaitListOptions {
  /** Maximum duration of a wait, ms. */
  holdMs: number
  maxWaits?: number
}

export type WaitList = ReturnType<typeof createWaitList>

/**
 * Holds requests until media of one rendition is published. All waits have the same time limit and share one
 * timer.
 */
export function createWaitList({ holdMs, maxWaits = 1000 }: WaitListOptions) {
  /** In the order of their deadlines. */
  const waits = new Set<Wait>()
  let timer: NodeJS.Timeout | undefined

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
     * Calls `settle` once: now if `state` is not pending or the list is full, otherwise when the state
     * changes. Returns the function that cancels the wait.
     */
    add(state: Wait['state'], settle: Wait['settle']): () => void {
      const current = state()
      if (current !== 'pending' || waits.size >= maxWaits) {
        settle(current === 'pending' ? 'full' : current)
        return () => {}
      }
      const wait = { state, settle, deadline: performance.now() + holdMs }
      waits.add(wait)
      startTimer(holdMs)
      return () => remove(wait)
    },

    /** Checks every wait again, after something was published. */
    review(): void {
      for (const wait of waits) {
        const current = wait.state()
        if (current !== 'pending') end(wait, current)
      }
    },
  }
}
