import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { createFailureBudget } from '../encoder/retry-policy.ts'

export interface TicksOptions {
  everyMs: number
  /** Work of a session that does not wait for media. */
  work(): void
  /** Called once, when the work has failed too often. No more ticks follow. */
  onFailed(detail: string): void
  log: Log
}

/** Maximum number of failures within `failureWindowMs`; after one more the session is given up. */
const [maxFailures, failureWindowMs] = [2, 60_000]

/**
 * Does the regular work of a session until the returned function is called. An exception is that of this
 * session: without a limit it would end the process, and with it all sessions, here and then in the next
 * transcoder that takes the session.
 */
export function startTicks({ everyMs, work, onFailed, log }: TicksOptions): () => void {
  const budget = createFailureBudget(maxFailures, failureWindowMs)
  const timer = setInterval(() => {
    try {
      work()
    } catch (error) {
      log.error({ err: error }, 'the regular work for a session failed')
      if (budget.spend(performance.now())) return
      clearInterval(timer)
      onFailed(`its media makes the transcoder fail: ${messageOf(error)}`)
    }
  }, everyMs)
  return () => clearInterval(timer)
}
