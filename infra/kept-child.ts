import { messageOf } from '../core/process/errors.ts'
import type { Log } from '../core/process/log.ts'
import { createBackoff } from './backoff.ts'
import type { Child, ChildStart } from './child.ts'

/** A process that is started again whenever it ends, until it is stopped. */
export interface KeptChild {
  name: string
  /** Of the very first run. Rejects when that did not come to work: nothing is kept alive then. */
  ready: Promise<void>
  /** Asks it to end, kills it and all that it started after `graceMs`, and resolves when it is gone. */
  stop(graceMs: number): Promise<void>
  /** Ends it now. */
  kill(): void
}

export function keepAlive(name: string, start: ChildStart, log: Log): KeptChild {
  const backoff = createBackoff()
  let stopping = false
  let restart: NodeJS.Timeout | undefined
  let child = start()
  let startedAt = Date.now()
  const ready = child.ready

  function watch(run: Child) {
    void run.ended.then((how) => {
      if (stopping) return
      const waitMs = backoff(Date.now() - startedAt)
      log.error({ child: name, how, waitMs }, 'ended, will be started again')
      restart = setTimeout(again, waitMs)
    })
  }

  function again() {
    child = start()
    startedAt = Date.now()
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
