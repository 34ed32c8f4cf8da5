/** How a wait ended. `late`: it took too long. `gone`: what was waited for will never come. `full`: too many wait already. */
export type WaitEnd = 'ready' | 'late' | 'gone' | 'full'

interface Wait {
  state: () => 'ready' | 'gone' | 'pending'
  settle: (end: WaitEnd) => void
  deadline: number
}

export type WaitList = ReturnType<typeof createWaitList>

/** Waits for media of one rendition, all equally long at most, with one timer for all. */
export function createWaitList(options: { holdMs: number; maxWaits?: number }) {
  const { holdMs, maxWaits = 1000 } = options
  /** In the order of their deadlines. */
  const waits = new Set<Wait>()
  let timer: NodeJS.Timeout | undefined

  function end(wait: Wait, how: WaitEnd) {
    waits.delete(wait)
    if (waits.size === 0) stopTimer()
    wait.settle(how)
  }

  function stopTimer() {
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

    /** Calls `settle` once: now when `state` is not pending or the list is full, else when it changes. Gives the function that frees the wait. */
    add(state: Wait['state'], settle: Wait['settle']): () => void {
      const current = state()
      if (current !== 'pending' || waits.size >= maxWaits) {
        settle(current === 'pending' ? 'full' : current)
        return () => {}
      }
      const wait = { state, settle, deadline: performance.now() + holdMs }
      waits.add(wait)
      startTimer(holdMs)
      return () => {
        waits.delete(wait)
        if (waits.size === 0) stopTimer()
      }
    },

    /** Looks at every wait again, after something was published. */
    review(): void {
      for (const wait of waits) {
        const current = wait.state()
        if (current !== 'pending') end(wait, current)
      }
    },
  }
}
