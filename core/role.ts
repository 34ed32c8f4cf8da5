import { messageOf, NowcastError } from './errors.ts'
import { createLog, type Log } from './log.ts'
import type { RoleName } from './presence.ts'

/** A started role. */
export interface RunningRole {
  /** What the supervisor may want to know once it is ready: ports, URLs. No secrets. */
  ready: Record<string, string | number>
  /**
   * Called before `close` when the process is asked to end by SIGTERM and not by its supervisor: goes on working until nobody needs it any
   * more, for as long as it thinks right, or until `signal` aborts.
   */
  drain?(signal: AbortSignal): Promise<void>
  /** Ends everything the role started; resolves when all is released. */
  close(reason: string): Promise<void>
}

/** Told by a role's process to the supervisor over IPC. */
export type RoleMessage =
  | { type: 'ready'; role: RoleName; ready: Record<string, string | number> }
  | { type: 'failed'; message: string }

/** Told by the supervisor to a role: end now, everything on this machine does. */
export type ToRole = { type: 'stop' }

/** A role must end within this time after it was asked to, ms. */
const closeDeadlineMs = 4000
/** The same when its supervisor is gone: Redis and the other roles are going too, there is nobody left to wait for. */
const orphanDeadlineMs = 1000

/**
 * Runs a role until it is asked to stop (SIGTERM, SIGINT, or the supervisor's end) or fails, and gives the exit code:
 * 0 after an orderly stop, 1 otherwise. Under a supervisor SIGINT is left to it, so that Ctrl-C stops the roles in order.
 * Settings that `readSettings` refuses end it with that one line.
 */
export async function runRole<Settings extends { logLevel: string }>(
  role: RoleName,
  readSettings: () => Settings,
  start: (log: Log, settings: Settings) => Promise<RunningRole>,
): Promise<number> {
  let log = createLog(role, 'info')
  let stop: StopRequests
  let running: RunningRole
  try {
    const settings = readSettings()
    log = createLog(role, settings.logLevel)
    stop = stopRequests(log)
    running = await start(log, settings)
  } catch (error) {
    tellStartFailure(log, error)
    return 1
  }
  process.send?.({ type: 'ready', role, ready: running.ready } satisfies RoleMessage)
  log.info(running.ready, 'ready')
  let request = await stop.first
  log.info({ reason: request.reason }, 'stopping')
  if (request.mayDrain && running.drain) {
    await running.drain(stop.hurry).catch((error: unknown) => log.warn({ err: error }, 'cannot drain'))
    request = stop.last
  }
  const { reason, code, deadlineMs = closeDeadlineMs } = request
  const deadline = new Promise<'late'>((resolve) => setTimeout(resolve, deadlineMs, 'late').unref())
  const outcome = await Promise.race([running.close(reason).catch((error: unknown) => error), deadline])
  if (outcome === undefined) return code
  log.error({ err: outcome }, outcome === 'late' ? 'did not stop in time' : 'failed while stopping')
  return 1
}

function tellStartFailure(log: Log, error: unknown) {
  const message = messageOf(error)
  if (error instanceof NowcastError) log.fatal(message)
  else log.fatal({ err: error }, 'cannot start')
  process.send?.({ type: 'failed', message } satisfies RoleMessage)
}

interface StopRequest {
  reason: string
  code: number
  deadlineMs?: number
  /** Whether there is time for `drain`. */
  mayDrain?: boolean
}

interface StopRequests {
  first: Promise<StopRequest>
  /** The newest one. */
  readonly last: StopRequest
  /** Aborts with the second. */
  hurry: AbortSignal
}

/** Listens for reasons to stop. */
function stopRequests(log: Log): StopRequests {
  const first = Promise.withResolvers<StopRequest>()
  const hurry = new AbortController()
  let last: StopRequest | undefined
  const ask = (request: StopRequest) => {
    if (last !== undefined) hurry.abort()
    last = request
    first.resolve(request)
  }
  process.on('SIGTERM', () => ask({ reason: 'SIGTERM', code: 0, mayDrain: true }))
  process.on('SIGINT', () => {
    if (!process.send) ask({ reason: 'SIGINT', code: 0 })
  })
  process.on('message', (message: Partial<ToRole> | undefined) => {
    if (message?.type === 'stop') ask({ reason: 'supervisor stops', code: 0 })
  })
  process.on('disconnect', () => ask({ reason: 'supervisor is gone', code: 0, deadlineMs: orphanDeadlineMs }))
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception')
    ask({ reason: 'uncaught exception', code: 1 })
  })
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection')
    ask({ reason: 'unhandled rejection', code: 1 })
  })
  return {
    first: first.promise,
    hurry: hurry.signal,
    get last() {
      return last ?? { reason: 'none', code: 0 }
    },
  }
}
