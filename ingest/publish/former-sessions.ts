import { setTimeout as delay } from 'node:timers/promises'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { YieldRequests } from '../../core/contracts/yield-requests.ts'

export interface FormerSessionsDependencies {
  registry: Pick<LiveRegistry, 'channelClaim' | 'session'>
  yields: Pick<YieldRequests, 'request' | 'isRefused'>
}

/** Maximum time for another ingest to decide whether its publisher is silent, ms; and interval of checks. */
const answerTimeoutMs = 1300
const checkEveryMs = 40

export type FormerSessions = ReturnType<typeof createFormerSessions>

/** Finds sessions of other ingests whose publishers have returned here. */
export function createFormerSessions({ registry, yields }: FormerSessionsDependencies) {
  /**
   * Waits until the ingest of a session has interrupted it, because its publisher is silent. Returns
   * undefined when the publisher is sending or the ingest does not respond.
   */
  async function untilInterrupted(sessionId: string): Promise<LiveSession | undefined> {
    const deadline = performance.now() + answerTimeoutMs
    while (performance.now() < deadline) {
      const [record, isRefused] = await Promise.all([
        registry.session(sessionId),
        yields.isRefused(sessionId),
      ])
      if (record === undefined || isRefused) return undefined
      if (record.interruption) return record
      await delay(checkEveryMs)
    }
    return undefined
  }

  return {
    /**
     * Returns the session of a channel that its returning publisher continues, if the session waits, its
     * publisher is silent, or its ingest has died. Rejects while Redis is away.
     */
    async find(channelId: string): Promise<LiveSession | undefined> {
      const holder = await registry.channelClaim(channelId)
      const record = holder && (await registry.session(holder.sessionId))
      if (record?.mediaZeroAt === undefined || !record.graceMs) return undefined
      if (record.interruption) return record
      const isThere = await yields.request(record.ingest.instance, record.sessionId)
      return isThere ? untilInterrupted(record.sessionId) : record
    },
  }
}
