import { setTimeout as delay } from 'node:timers/promises'
import { createLog } from '../../../core/process/log.ts'
import { closeRedis, connectRedis, type Redis, redisPrefix, redisReady } from '../../../core/process/redis.ts'
import { listProcesses } from '../../../test/kit/process-table.ts'
import type { NetworkNode } from '../../stand/namespaces.ts'

/** Keys of sessions that were found after their end. */
interface SessionKeys {
  /** Keys that never expire, or that something still renews. */
  leaked: string[]
  /** The others, with the time until they expire. */
  expiring: string[]
}

/** Time between the two looks at all keys, ms. A lifetime that is not shorter at the second was renewed. */
const betweenMs = 10_000

/** Looks twice for the keys of ended sessions in Redis. */
export async function sessionKeys(redisUrl: string, sessionIds: readonly string[]): Promise<SessionKeys> {
  const log = createLog('bench', 'silent')
  const redis = connectRedis({ url: redisUrl, log, purpose: 'bench', whenAway: 'fail' })
  try {
    await redisReady(redis)
    const before = await lifetimes(redis, sessionIds)
    await delay(betweenMs)
    const found: SessionKeys = { leaked: [], expiring: [] }
    for (const [key, ms] of await lifetimes(redis, sessionIds)) {
      const isRenewed = ms > (before.get(key) ?? 0) - betweenMs / 2
      const expires = ms < 0 ? 'never expires' : `expires in ${Math.round(ms / 1000)} s`
      if (ms < 0 || isRenewed) found.leaked.push(`${key} (${expires}${isRenewed ? ', was renewed' : ''})`)
      else found.expiring.push(`${key} (${expires})`)
    }
    return found
  } finally {
    closeRedis(redis)
  }
}

/** Returns the keys of sessions with the time until they expire, ms; -1 for those that never do. */
async function lifetimes(redis: Redis, sessionIds: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for await (const keys of redis.scanStream({ match: `${redisPrefix}*`, count: 1000 }))
    for (const key of keys as string[]) {
      if (!sessionIds.some((id) => key.includes(id))) continue
      const ms = await redis.pttl(key)
      // -2: the key has expired since the scan.
      if (ms !== -2) found.set(key, ms)
    }
  return found
}

/** Returns what still runs in the namespaces, as `name: command`. */
export function processesIn(nodes: readonly NetworkNode[]): string[] {
  const commands = new Map(listProcesses().map(({ pid, command }) => [pid, command]))
  return nodes.flatMap(({ name, pids }) =>
    pids().flatMap((pid) => {
      const command = commands.get(pid)
      return command === undefined ? [] : [`${name}: ${command}`]
    }),
  )
}
