export interface HangWatchOptions {
  /** Asks the process for an answer. The process can answer only while its event loop runs. */
  ask(): void
  /** Called once, when the process has not answered for `limitMs`; never when `limitMs` is 0. */
  kill(): void
  limitMs: number
  /** Clocks in ms: a monotonic one, and the wall clock, which continues while the machine is suspended. */
  now?: () => number
  wallNow?: () => number
}

/** Time between two checks, ms. A process has at most one question to answer at a time. */
const everyMs = 500

/**
 * Watches a process whose event loop may stand still. Time counts only while the watching process itself runs
 * on time: on a machine that was suspended, or has no CPU to spare, no process can answer.
 */
export function createHangWatch(options: HangWatchOptions) {
  const { ask, kill, limitMs, now = () => performance.now(), wallNow = Date.now } = options
  let isAsked = false
  let silentMs = 0
  let hasHung = false
  let checkedAt = { monotonic: now(), wall: wallNow() }
  let timer: NodeJS.Timeout | undefined

  function check() {
    const before = checkedAt
    checkedAt = { monotonic: now(), wall: wallNow() }
    const ranOnTime =
      checkedAt.monotonic - before.monotonic < 2 * everyMs &&
      Math.abs(checkedAt.wall - before.wall - everyMs) < everyMs
    if (isAsked && ranOnTime) silentMs += everyMs
    if (silentMs >= limitMs) {
      hasHung = true
      clearInterval(timer)
      kill()
    } else if (!isAsked) {
      isAsked = true
      ask()
    }
  }

  return {
    /** Whether the process was killed because it hung. */
    get hasHung() {
      return hasHung
    },
    /** To be called when the process is ready. Until then it may take any time. */
    begin(): void {
      checkedAt = { monotonic: now(), wall: wallNow() }
      if (limitMs > 0) timer = setInterval(check, everyMs)
    },
    /** To be called with each answer. */
    answered(): void {
      isAsked = false
      silentMs = 0
    },
    end: (): void => clearInterval(timer),
  }
}
