import { presentRoles } from '../core/contracts/presence.ts'
import { messageOf } from '../core/process/errors.ts'
import type { ReadyCheck } from '../core/process/http-server.ts'
import type { Redis } from '../core/process/redis.ts'

const requiredRoles = ['ingest', 'transcoder', 'edge'] as const

/**
 * Creates the check whether this instance can carry a stream from the publisher to viewers: the store and
 * Redis respond, and a process of each other role is present. Simultaneous callers share one check.
 */
export function createReadyCheck(store: { ping(): Promise<void> }, redis: Redis): ReadyCheck {
  let running: Promise<string | undefined> | undefined

  async function check() {
    const [stored, roles] = await Promise.allSettled([store.ping(), presentRoles(redis)])
    if (stored.status === 'rejected') return `the database does not answer: ${messageOf(stored.reason)}`
    if (roles.status === 'rejected')
      return `redis is away, only the last known live state is available: ${messageOf(roles.reason)}`
    const present = new Set(roles.value.map(({ role }) => role))
    const missing = requiredRoles.filter((role) => !present.has(role))
    return missing.length > 0 ? `not running yet: ${missing.join(', ')}` : undefined
  }

  return () => {
    running ??= check().finally(() => {
      running = undefined
    })
    return running
  }
}
