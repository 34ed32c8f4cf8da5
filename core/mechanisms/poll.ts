export interface PollOptions {
  /** Time from the end of one run to the start of the next, ms. */
  everyMs: number
  /** Minimum time from the end of one run to the start of one that `soon` asks for, ms. */
  gapMs?: number
  /** Time to the next run after one that failed, ms; `everyMs` by default. */
  afterFailureMs?: number
}

export interface Poll {
  /** Runs the task as soon as the gap allows, however often it is called. */
  soon(): void
  /** Runs the task now, or once more after the run in progress. Resolves when that run has ended. */
  run(): Promise<void>
  /** Joins the run in progress, or starts one. Resolves when it has ended. */
  join(): Promise<void>
  /** Whether a run is in progress. */
  readonly isRunning: boolean
  /** No further runs. Resolves when a run in progress has ended. */
  close(): Promise<void>
}

/**
 * Runs `task` now and repeatedly, never twice at the same time. A subscription that may lose messages calls
 * `soon` or `run` for each message and relies on `everyMs` for those it missed. A rejection of the task only
 * affects the time to the next run: a task that wants its failures known reports them itself.
 */
export function createPoll(task: () => Promise<unknown>, options: PollOptions): Poll {
  const { everyMs, gapMs = 0, afterFailureMs = everyMs } = options
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> | undefined
  let followUp: Promise<void> | undefined
  let endedAt = Number.NEGATIVE_INFINITY
  let state: 'open' | 'wanted' | 'closed' = 'open'

  const arm = (delayMs: number) => {
    clearTimeout(timer)
    timer = setTimeout(start, Math.max(0, delayMs))
  }

  function start(): Promise<void> {
    clearTimeout(timer)
    running = task()
      .then(
        () => everyMs,
        () => afterFailureMs,
      )
      .then((waitMs) => {
        running = undefined
        endedAt = performance.now()
        if (state === 'closed') return
        arm(state === 'wanted' ? gapMs : waitMs)
        state = 'open'
      })
    return running
  }

  const join = () => (state === 'closed' ? (running ?? Promise.resolve()) : (running ?? start()))
  void start()

  return {
    join,
    get isRunning() {
      return running !== undefined
    },

    run() {
      if (running === undefined || state === 'closed') return join()
      followUp ??= running.then(() => {
        followUp = undefined
        return join()
      })
      return followUp
    },

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
