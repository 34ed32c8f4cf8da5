import { createBackoff } from '../../core/mechanisms/backoff.ts'
import { inTime } from '../../core/mechanisms/in-time.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { Child, ChildStart } from './child.ts'

/** Delays between restarts, ms. They double from the first to the maximum. */
const restartDelays = { firstMs: 200, maxMs: 10_000 }
/** Run time after which a process counts as healthy, ms. The next delay is then the first one again. */
const healthyAfterMs = 30_000
/** Maximum time until a process that replaces another one is ready, ms. */
const replacedWithinMs = 30_000

/** A process that is started again whenever it ends, until it is stopped. */
export interface KeptChild {
  name: string
  /**
   * Resolves when the first run is ready. Rejects when the first run fails to start; no other run follows.
   */
  ready: Promise<void>
  /**
   * Starts another process, and asks the present one to leave its ports and clients to it. Resolves with the
   * former process when the other one is ready.
   * @throws Error when the other one does not start. The present one then continues.
   */
  replace(): Promise<Pick<Child, 'ended' | 'kill'>>
  /**
   * Asks the process to end, and kills its process group after `graceMs`. Resolves when the process has
   * ended, and those that it replaced. It is not started again.
   */
  stop(graceMs: number): Promise<void>
  /** Kills the process group, and those of processes that it replaced. The process is not started again. */
  kill(): void
}

export function keepAlive(name: string, start: ChildStart, log: Log): KeptChild {
  const delayAfter = createRestartDelay()
  let stopping = false
  let restart: NodeJS.Timeout | undefined
  let child = start()
  let startedAt = performance.now()
  const ready = child.ready
  /** Processes that were replaced and have not ended yet. */
  const former = new Set<Child>()

  function watch(run: Child) {
    void run.ended.then((how) => {
      if (stopping || run !== child) return
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
    async replace() {
      const next = start()
      try {
        await inTime(next.ready, replacedWithinMs, `was not ready within ${replacedWithinMs / 1000} s`)
      } catch (error) {
        next.kill()
        throw error
      }
      if (stopping) next.kill()
      const old = child
      clearTimeout(restart)
      child = next
      startedAt = performance.now()
      watch(next)
      former.add(old)
      void old.ended.then(() => former.delete(old))
      old.retire()
      return old
    },
    kill() {
      stopping = true
      clearTimeout(restart)
      for (const each of [child, ...former]) each.kill()
    },
    async stop(graceMs) {
      stopping = true
      clearTimeout(restart)
      const onLate = () => log.warn({ child: name, graceMs }, 'did not end in time, killed')
      await stopInTime([child, ...former], graceMs, onLate)
    },
  }
}

/** Asks processes to end, and kills those that have not after `graceMs`. Resolves when all have ended. */
async function stopInTime(children: readonly Child[], graceMs: number, onLate: () => void): Promise<void> {
  for (const each of children) each.stop()
  const timer = setTimeout(() => {
    onLate()
    for (const each of children) each.kill()
  }, graceMs)
  await Promise.all(children.map(({ ended }) => ended))
  clearTimeout(timer)
}

/** Returns a function that takes how long a process ran, ms, and returns the delay to its next start, ms. */
export function createRestartDelay(): (ranMs: number) => number {
  const backoff = createBackoff(restartDelays)
  return (ranMs) => {
    if (ranMs >= healthyAfterMs) backoff.reset()
    return backoff.next()
  }
}
