import { createBackoff } from '../../core/mechanisms/backoff.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { Child, ChildStart } from './child.ts'

/** Delays between restarts, ms. They double from the first to the maximum. */
const restartDelays = { firstMs: 200, maxMs: 10_000 }
/** Run time after which a process counts as healthy, ms. The next delay is then the first one again. */
const healthyAfterMs = 30_000

/** A process that is started again whenever it ends, until it is stopped. */
export interface KeptChild {
  name: string
  /**
   * Resolves when the first run is ready. Rejects when the first run fails to start; no other run follows.
   */
  ready: Promise<void>
  /**
   * Asks the process to end, and kills its process group after `graceMs`. Resolves when the process has
   * ended. It is not started again.
   */
  stop(graceMs: number): Promise<void>
  /** Kills the process group. The process is not started again. */
  kill(): void
}

export function keepAlive(name: string, start: ChildStart, log: Log): KeptChild {
  const delayAfter = createRestartDelay()
  let stopping = false
  let restart: NodeJS.Timeout | undefined
  let child = start()
  let startedAt = performance.now()
  const ready = child.ready

  function watch(run: Child) {
    void run.ended.then((how) => {
      if (stopping) return
      const waitMs = delayAfter(performance.now() - startedAt)
      log.error({ child: name, how, waitMs }, 'ended, will be started again')
      restart = setTimeout(startAgain, waitMs)
    })
  }

  function startAgain() {
    try {
      child = start()
    } catch (error) {
      const waitMs = delayAfter(0)
      log.error({ child: name, why: messageOf(error), waitMs }, 'could not be started, will be tried again')
      restart = setTimeout(startAgain, waitMs)
      return
    }
    startedAt = performance.now()
    child.ready.then(
      () => log.info({ child: name }, 'is back'),
      (error: unknown) => log.error({ child: name, why: messageOf(error) }, 'did not come back'),
    )
    watch(child)
  }

  ready.then(
    () => watch(child),
    () => {},
  )

  return {
    name,
    ready,
    kill() {
      stopping = true
      clearTimeout(restart)
      child.kill()
    },
    async stop(graceMs) {
      stopping = true
      clearTimeout(restart)
      child.stop()
      const timer = setTimeout(() => {
        log.warn({ child: name, graceMs }, 'did not end in time, killed')
        child.kill()
      }, graceMs)
      await child.ended
      clearTimeout(timer)
    },
  }
}

/** Returns a function that takes how long a process ran, ms, and returns the delay to its next start, ms. */
export function createRestartDelay(): (ranMs: number) => number {
  const backoff = createBackoff(restartDelays)
  return (ranMs) => {
    if (ranMs >= healthyAfterMs) backoff.reset()
    return backoff.next()
  }
}
