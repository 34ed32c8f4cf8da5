import { messageOf, NowcastError } from './errors.ts'
import { createLog, type Log } from './log.ts'
import type { RoleName } from './presence.ts'

/** A started role. */
export interface RunningRole {
  /** What the supervisor may want to know once it is ready: ports, URLs. No secrets. */
  ready: Record<string, string | number>
  /** Ends everything the role started; resolves when all is released. */
  close(reason: string): Promise<void>
}

/** Told by a role's process to the supervisor over IPC. */
export type RoleMessage =
  | { type: 'ready'; role: RoleName; ready: Record<string, string | number> }
  | { type: 'failed'; message: string }

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
  let stop: ReturnType<typeof stopRequest>
  let running: RunningRole
  try {
    const settings = readSettings()
    log = createLog(role, settings.logLevel)
    stop = stopRequest(log)
    running = await start(log, settings)
  } catch (error) {
    tellStartFailure(log, error)
    return 1
  }
  process.send?.({ type: 'ready', role, ready: running.ready } satisfies RoleMessage)
  log.info(running.ready, 'ready')
  const { reason, code, deadlineMs = closeDeadlineMs } = await stop
  log.info({ reason }, 'stopping')
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

/** Resolves with the first reason to stop. */
function stopRequest(log: Log): Promise<{ reason: string; code: number; deadlineMs?: number }> {
  return new Promise((resolve) => {
    process.on('SIGTERM', () => resolve({ reason: 'SIGTERM', code: 0 }))
    process.on('SIGINT', () => {
      if (!process.send) resolve({ reason: 'SIGINT', code: 0 })
    })
    process.on('disconnect', () =>
      resolve({ reason: 'supervisor is gone', code: 0, deadlineMs: orphanDeadlineMs }),
    )
    process.on('uncaughtException', (error) => {
      log.fatal({ err: error }, 'uncaught exception')
      resolve({ reason: 'uncaught exception', code: 1 })
    })
    process.on('unhandledRejection', (error) => {
      log.fatal({ err: error }, 'unhandled rejection')
      resolve({ reason: 'unhandled rejection', code: 1 })
    })
  })
}
