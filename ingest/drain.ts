import { untilTrue } from '../core/mechanisms/until-true.ts'
import type { Log } from '../core/process/log.ts'

export interface DrainOptions {
  rtmp: { stopListening(): void }
  sessions: { figures(): { sessions: number; waitingSessions: number }; move(): void }
  log: Log
  /** Maximum time to wait for publishers to leave of their own accord, ms. */
  waitMs: number
}

const checkEveryMs = 100
/** Maximum time that it takes to ask all publishers to move, ms. They are asked at a keyframe. */
const moveMs = 4000

/**
 * Accepts no more publishers, and waits until the present ones have left. Those that have not after `waitMs`
 * are asked to connect to another ingest, which continues their sessions. Resolves when no publisher is left,
 * or when `signal` aborts.
 */
export async function drain({ rtmp, sessions, log, waitMs }: DrainOptions, signal: AbortSignal) {
  rtmp.stopListening()
  log.info({ publishers: publishersOf(sessions), waitMs }, 'draining')
  await untilEmpty(sessions, waitMs, signal)
  if (!signal.aborted) sessions.move()
  await untilEmpty(sessions, moveMs, signal)
  log.info({ publishers: publishersOf(sessions) }, 'drained')
}

function publishersOf(from: DrainOptions['sessions']): number {
  const { sessions, waitingSessions } = from.figures()
  return sessions - waitingSessions
}

function untilEmpty(sessions: DrainOptions['sessions'], ms: number, signal: AbortSignal): Promise<boolean> {
  const end = AbortSignal.any([signal, AbortSignal.timeout(ms)])
  return untilTrue(() => publishersOf(sessions) === 0, checkEveryMs, end)
}
