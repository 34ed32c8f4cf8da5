export interface Repeat {
  /** Runs the task as soon as the gap allows. */
  soon(): void
  /** Ends it; resolves when a run under way is over. */
  close(): Promise<void>
}

/**
 * Runs `task` now and then `everyMs` after each run's end, never twice at a time, and never sooner than `gapMs` after the
 * last however often `soon` is called. The task must not reject.
 */
export function repeat(task: () => Promise<void>, everyMs: number, gapMs = 0): Repeat {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let endedAt = -Infinity
  let state: 'idle' | 'wanted' | 'closed' = 'idle'

  const arm = (delayMs: number) => {
    clearTimeout(timer)
    timer = setTimeout(run, Math.max(0, delayMs))
  }
  const run = () => {
    running = task().then(() => {
      running = undefined
      endedAt = performance.now()
      if (state === 'closed') return
      arm(state === 'wanted' ? gapMs : everyMs)
      state = 'idle'
    })
  }
  run()

  return {
    soon() {
      if (state === 'closed') return
      if (running) state = 'wanted'
      else arm(endedAt + gapMs - performance.now())
    },
    async close() {
      state = 'closed'
      clearTimeout(timer)
      await running
    },
  }
}
