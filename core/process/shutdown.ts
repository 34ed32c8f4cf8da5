import type { Log } from './log.ts'
import type { ToRole } from './role-messages.ts'

/** Why this process ends. `reason` is for log lines and for `close` of the role. */
interface ShutdownCause {
  reason: string
  /** Exit code of the process when closing succeeds. */
  code: number
  /** Maximum time to close, ms. Undefined: `closeDeadlineMs` of role.ts. */
  deadlineMs?: number
  /** What the role may do before it closes; nothing by default. */
  before?: 'drain' | 'retire'
}

export interface Shutdown {
  first: Promise<ShutdownCause>
  /** Newest cause, such as a second signal during a drain. */
  readonly last: ShutdownCause
  /** Aborts when a second cause arrives, so that a drain in progress ends. */
  hurry: AbortSignal
}

/** Maximum time to close when the supervisor is gone, ms: short, because Redis and all roles end as well. */
const orphanDeadlineMs = 1000

/**
 * Listens for shutdown causes. The caller ends the process. A process with an IPC channel ignores SIGINT,
 * because after Ctrl-C its parent process stops it.
 */
export function listenForShutdown(log: Log): Shutdown {
  const first = Promise.withResolvers<ShutdownCause>()
  const hurry = new AbortController()
  let last: ShutdownCause | undefined
  const shutDown = (cause: ShutdownCause) => {
    if (last !== undefined) hurry.abort()
    last = cause
    first.resolve(cause)
  }
  process.on('SIGTERM', () => shutDown({ reason: 'SIGTERM', code: 0, before: 'drain' }))
  process.on('SIGINT', () => {
    if (!process.send) shutDown({ reason: 'SIGINT', code: 0 })
  })
  process.on('message', (message: Partial<ToRole> | undefined) => {
    if (message?.type === 'stop') shutDown({ reason: 'supervisor stops', code: 0 })
    if (message?.type === 'retire') shutDown({ reason: 'replaced', code: 0, before: 'retire' })
  })
  process.on('disconnect', () =>
    shutDown({ reason: 'supervisor is gone', code: 0, deadlineMs: orphanDeadlineMs }),
  )
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception')
    shutDown({ reason: 'uncaught exception', code: 1 })
  })
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection')
    shutDown({ reason: 'unhandled rejection', code: 1 })
  })
  return {
    first: first.promise,
    hurry: hurry.signal,
    get last() {
      return last ?? { reason: 'none', code: 0 }
    },
  }
}
