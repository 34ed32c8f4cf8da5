import { untilTrue } from '../../core/mechanisms/until-true.ts'
import type { Log } from '../../core/process/log.ts'
import type { EdgeReporter } from './edge-report.ts'

export interface DrainOptions {
  report: Pick<EdgeReporter, 'drain'>
  /** Whether another edge could take the viewers. */
  hasOthers(): Promise<boolean>
  viewers(): number
  log: Log
  /** Maximum time to wait for viewers to leave, ms; 0 for no drain. */
  deadlineMs: number
}

const checkEveryMs = 250

/**
 * Moves viewers to other edges by steering. Resolves when none is left, at the deadline, or when `signal`
 * aborts. Does nothing when `deadlineMs` is 0 or no other edge is known.
 */
export async function drain(options: DrainOptions, signal: AbortSignal): Promise<void> {
  const { report, hasOthers, viewers, log, deadlineMs } = options
  if (deadlineMs === 0 || !(await hasOthers().catch(() => false))) return
  log.info({ viewers: viewers(), deadlineMs }, 'draining')
  await report.drain()
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])
  const isIdle = await untilTrue(() => viewers() === 0, checkEveryMs, deadline)
  log.info({ viewers: viewers(), end: isIdle ? 'idle' : 'ended' }, 'drained')
}
