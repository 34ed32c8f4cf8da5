import { presentRoles } from '../core/contracts/presence.ts'
import type { Log } from '../core/process/log.ts'
import type { Redis } from '../core/process/redis.ts'

export interface DrainOptions {
  redis: Redis
  /** Instance of this process. */
  instance: string
  worker: {
    readonly sessions: number
    handOver(signal: AbortSignal): Promise<void>
  }
  room: { close(): Promise<void> }
  log: Log
  /** Maximum time that sessions may take to move, s; 0 for no drain. */
  drainSeconds: number
}

/**
 * Moves the sessions of this transcoder to others, which viewers do not notice. Resolves when all have moved
 * or ended, after `drainSeconds`, or when `signal` aborts. Does nothing when that is 0 or there is no
 * other transcoder.
 */
export async function drain(options: DrainOptions, signal: AbortSignal): Promise<void> {
  const { redis, instance, worker, room, log, drainSeconds } = options
  if (drainSeconds === 0 || !(await hasOthers(redis, instance))) return
  log.info({ sessions: worker.sessions, drainSeconds }, 'draining')
  await room.close()
  await worker.handOver(AbortSignal.any([signal, AbortSignal.timeout(drainSeconds * 1000)]))
  log.info({ sessions: worker.sessions }, 'drained')
}

/** Whether another transcoder could take sessions; false while Redis is away. */
async function hasOthers(redis: Redis, instance: string): Promise<boolean> {
  const present = await presentRoles(redis).catch(() => [])
  return present.some((other) => other.role === 'transcoder' && other.instance !== instance)
}
