import type { Log } from '../../core/process/log.ts'
import type { EdgeReporter } from './edge-report.ts'

export interface DrainParts {
  report: Pick<EdgeReporter, 'drain'>
  /** Whether another edge could take the viewers. */
  hasOthers(): Promise<boolean>
  /** How many watch here. */
  viewers(): number
  log: Log
  /** Longest time to wait for viewers to leave, ms; 0: none. */
  deadlineMs: number
}

const lookEveryMs = 250

/**
 * Asks for the viewers to be steered away and resolves when they have gone, at the deadline, or when `signal` aborts; at once where there is
 * no other edge to go to.
 */
export async function drain(parts: DrainParts, signal: AbortSignal): Promise<void> {
  const { report, hasOthers, viewers, log, deadlineMs } = parts
  if (deadlineMs === 0 || !(await hasOthers().catch(() => false))) return
  log.info({ viewers: viewers(), deadlineMs }, 'draining')
  await report.drain()
  const end = await untilIdle(viewers, AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]))
  log.info({ viewers: viewers(), end }, 'drained')
}

function untilIdle(viewers: () => number, signal: AbortSignal): Promise<'idle' | 'ended'> {
  return new Promise((resolve) => {
    const end = (how: 'idle' | 'ended') => {
      clearInterval(timer)
      signal.removeEventListener('abort', onAbort)
      resolve(how)
    }
    const onAbort = () => end('ended')
    const timer = setInterval(() => {
      if (viewers() === 0) end('idle')
    }, lookEveryMs)
    if (signal.aborted) end('ended')
    else signal.addEventListener('abort', onAbort)
  })
}
