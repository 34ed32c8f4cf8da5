import { messageOf, NowcastError } from './errors.ts'
import { createLog, type Log } from './log.ts'
import type { RoleMessage, RoleName, ToRole } from './role-messages.ts'
import { listenForShutdown, type Shutdown } from './shutdown.ts'

/** What `start` of a role returns. */
export interface RunningRole {
  /** Ports and URLs, for the log and the supervisor. No secrets. */
  ready: Record<string, string | number>
  /**
   * Called before `close` on SIGTERM, but not when the supervisor stops the role. The role continues to work.
   * Resolves when no client needs the role any more, at a time limit of the role, or when `signal` aborts.
   */
  drain?(signal: AbortSignal): Promise<void>
  /**
   * Called before `close` when another process of this role has started at the same ports. Must leave the
   * ports at once. Resolves when no client needs the role any more, at a time limit of the role, or when
   * `signal` aborts. By default `drain` is called.
   */
  retire?(signal: AbortSignal): Promise<void>
  /** Ends everything that the role started, and resolves after that. */
  close(reason: string): Promise<void>
}

/** Maximum time for `close` of a role, ms, unless the shutdown cause sets another. */
const closeDeadlineMs = 4000

/**
 * Runs a role until it fails or is asked to stop: by SIGTERM or SIGINT, by a message of the supervisor, or by
 * the end of the supervisor. Returns the exit code: 0 after an orderly stop, 1 otherwise. A role with an IPC
 * channel ignores SIGINT: after Ctrl-C its parent process stops it.
 */
export async function runRole<Settings extends { logLevel: string }>(
  role: RoleName,
  readSettings: () => Settings,
  start: (log: Log, settings: Settings) => Promise<RunningRole>,
): Promise<number> {
  answerQuestions()
  let log = createLog(role, 'info')
  let shutdown: Shutdown
  let running: RunningRole
  try {
    const settings = readSettings()
    log = createLog(role, settings.logLevel)
    shutdown = listenForShutdown(log)
    running = await start(log, settings)
  } catch (error) {
    reportStartFailure(log, error)
    return 1
  }
  process.send?.({ type: 'ready', role, ready: running.ready } satisfies RoleMessage)
  log.info(running.ready, 'ready')
  let cause = await shutdown.first
  log.info({ reason: cause.reason }, 'stopping')
  if (cause.before !== undefined) {
    await leaveClients(running, cause.before, shutdown.hurry).catch((error: unknown) =>
      log.warn({ err: error }, 'drain failed'),
    )
    cause = shutdown.last
  }
  const { reason, code, deadlineMs = closeDeadlineMs } = cause
  const deadline = new Promise<'late'>((resolve) => setTimeout(resolve, deadlineMs, 'late').unref())
  const outcome = await Promise.race([running.close(reason).catch((error: unknown) => error), deadline])
  if (outcome === undefined) return code
  log.error({ err: outcome }, outcome === 'late' ? 'did not stop in time' : 'failed while stopping')
  return 1
}

async function leaveClients(running: RunningRole, how: 'drain' | 'retire', signal: AbortSignal) {
  if (how === 'retire' && running.retire) await running.retire(signal)
  else await running.drain?.(signal)
}

/** Answers `ask` of the parent process, which without an answer knows that the event loop stands still. */
function answerQuestions() {
  process.on('message', (message: Partial<ToRole> | undefined) => {
    // Sending fails when the channel has just closed. `disconnect` then ends the role.
    if (message?.type === 'ask') process.send?.({ type: 'alive' } satisfies RoleMessage, () => {})
  })
}

function reportStartFailure(log: Log, error: unknown) {
  const message = messageOf(error)
  if (error instanceof NowcastError) log.fatal(message)
  else log.fatal({ err: error }, 'cannot start')
  process.send?.({ type: 'failed', message } satisfies RoleMessage)
}
