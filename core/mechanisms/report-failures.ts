import { messageOf } from '../process/errors.ts'
import type { Log } from '../process/log.ts'

/**
 * Returns a task that logs a warning for the first of several failures in a row. It resolves and rejects as
 * `task` does.
 */
export function reportFailures(
  task: () => Promise<unknown>,
  log: Pick<Log, 'warn'>,
  message: string,
): () => Promise<void> {
  let isFailing = false
  return async () => {
    try {
      await task()
      isFailing = false
    } catch (error) {
      if (!isFailing) log.warn({ err: messageOf(error) }, message)
      isFailing = true
      throw error
    }
  }
}
