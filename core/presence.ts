import type { Log } from './log.ts'
import { type Redis, redisPrefix } from './redis.ts'

export type RoleName = 'ingest' | 'transcoder' | 'edge' | 'manager'

/** One running process of a role. */
export interface Presence {
  role: RoleName
  instance: string
  /** Where its health and metrics are, base URL. */
  url: string
  startedAt: number
}

const ttlMs = 5000
const heartbeatMs = 1500
const keyOf = (role: string, instance: string) => `${redisPrefix}role:${role}:${instance}`
const index = `${redisPrefix}roles`

/** Shows a process to the others until the returned function is called. Failures are logged, never thrown. */
export function announcePresence(redis: Redis, presence: Presence, log: Log): () => Promise<void> {
  const member = `${presence.role}:${presence.instance}`
  const beat = async () => {
    try {
      const now = Date.now()
      await redis
        .multi()
        .set(keyOf(presence.role, presence.instance), JSON.stringify(presence), 'PX', ttlMs)
        .zadd(index, now + ttlMs, member)
        .zremrangebyscore(index, '-inf', now)
        .exec()
    } catch (error) {
      log.debug({ err: error }, 'presence could not be told')
    }
  }
  void beat()
  const timer = setInterval(() => void beat(), heartbeatMs)
  return async () => {
    clearInterval(timer)
    await redis
      .multi()
      .del(keyOf(presence.role, presence.instance))
      .zrem(index, member)
      .exec()
      .catch(() => {})
  }
}

/** All processes that were seen lately. */
export async function presentRoles(redis: Redis): Promise<Presence[]> {
  const members = await redis.zrangebyscore(index, Date.now(), '+inf')
  if (members.length === 0) return []
  const found = await redis.mget(members.map((member) => `${redisPrefix}role:${member}`))
  return found.flatMap((json) => (json === null ? [] : [JSON.parse(json) as Presence]))
}
