export interface PollOptions {
  /** Time from the end of one run to the start of the next, ms. */
  everyMs: number
  /** Minimum time from the end of one run to the start of one that `soon` asks for, ms; 0 by default. */
  gapMs?: number
  /** Time from the end of a failed run to the start of the next, ms; `everyMs` by default. */
  afterFailureMs?: number
}

export interface Poll {
  /** Asks for a run as soon as `gapMs` allows. Several calls before that run cause only one. */
  soon(): void
  /**
   * Runs the task now or, while a run is in progress, once more after it. Resolves when that run has ended.
   * Starts no run after `close`.
   */
  run(): Promise<void>
  /** Waits for the run in progress; starts one when there is none. Starts no run after `close`. */
  join(): Promise<void>
  readonly isRunning: boolean
  /** Prevents further runs. Resolves when a run in progress has ended. */
  close(): Promise<void>
}

/**
 * Runs `task` at once and then repeatedly, never twice at the same time. A subscriber whose messages may get
 * lost calls `soon` for each message and relies on `everyMs` for those that were lost. A rejection of `task`
 * only affects the time to the next run, so a task must report its failures itself. All runs are in the async
 * context of the call to `createPoll`, also those that a request asks for.
 */
export function createPoll(task: () => Promise<unknown>, options: PollOptions): Poll {
  const { everyMs, gapMs = 0, afterFailureMs = everyMs } = options
  const inContext = presentContext()
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
    running = inContext(task)
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

/** Returns a function that runs a task in the present async context. Browsers, which poll too, have none. */
function presentContext(): <Result>(task: () => Result) => Result {
  const hooks = globalThis.process?.getBuiltinModule('node:async_hooks')
  return hooks?.AsyncLocalStorage.snapshot() ?? ((task) => task())
}
