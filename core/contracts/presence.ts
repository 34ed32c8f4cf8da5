import { createHeartbeatRecords } from '../mechanisms/heartbeat-records.ts'
import type { Log } from '../process/log.ts'
import { type Redis, redisPrefix } from '../process/redis.ts'
import type { RoleName } from '../process/role-messages.ts'

/** A running process of a role, as it announces itself in Redis. */
export interface Presence {
  role: RoleName
  instance: string
  /** Base URL of the health and the metrics of the process. */
  url: string
  startedAt: number
}

const heartbeatMs = 1500
const idOf = ({ role, instance }: Presence) => `${role}:${instance}`
const recordsIn = (redis: Redis) =>
  createHeartbeatRecords<Presence>(redis, {
    index: `${redisPrefix}roles`,
    prefix: `${redisPrefix}role:`,
    ttlMs: 5000,
  })

/**
 * Announces a process every 1.5 s. The returned function ends this, and removes the record unless
 * `isReplaced`, because another process announces itself as the same instance. Neither rejects when Redis is
 * away.
 */
export function announcePresence(
  redis: Redis,
  presence: Presence,
  log: Log,
): (isReplaced?: boolean) => Promise<void> {
  const records = recordsIn(redis)
  const beat = () =>
    void records
      .put(idOf(presence), presence)
      .catch((error: unknown) => log.debug({ err: error }, 'presence not announced'))
  beat()
  const timer = setInterval(beat, heartbeatMs)
  return async (isReplaced = false) => {
    clearInterval(timer)
    if (!isReplaced) await records.remove(idOf(presence)).catch(() => {})
  }
}

/** Returns the processes that announced themselves in the last 5 s. */
export const presentRoles = (redis: Redis): Promise<Presence[]> => recordsIn(redis).all()
