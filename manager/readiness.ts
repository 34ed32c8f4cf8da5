import { presentRoles } from '../core/contracts/presence.ts'
import { messageOf } from '../core/process/errors.ts'
import type { ReadyCheck } from '../core/process/http-server.ts'
import type { Redis } from '../core/process/redis.ts'

const needed = ['ingest', 'transcoder', 'edge'] as const

/**
 * Ready is an instance that can take a show from publisher to viewer: the store and Redis answer, and one of each other
 * role is there. However many ask at a time, one check runs.
 */
export function createReadyCheck(store: { ping(): Promise<void> }, redis: Redis): ReadyCheck {
  let running: Promise<string | undefined> | undefined

  async function check() {
    const [stored, roles] = await Promise.allSettled([store.ping(), presentRoles(redis)])
    if (stored.status === 'rejected') return `the database does not answer: ${messageOf(stored.reason)}`
    if (roles.status === 'rejected')
      return `redis is away, what is live is only known from before: ${messageOf(roles.reason)}`
    const present = new Set(roles.value.map(({ role }) => role))
    const missing = needed.filter((role) => !present.has(role))
    return missing.length > 0 ? `not there yet: ${missing.join(', ')}` : undefined
  }

  return () => {
    running ??= check().finally(() => {
      running = undefined
    })
    return running
  }
}
