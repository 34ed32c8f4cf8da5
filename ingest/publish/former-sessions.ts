import { setTimeout as delay } from 'node:timers/promises'
import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { YieldRequests } from '../../core/contracts/yield-requests.ts'

export interface FormerSessionsDependencies {
  registry: Pick<LiveRegistry, 'channelClaim' | 'session'>
  yields: Pick<YieldRequests, 'request' | 'answer'>
}

/**
 * Maximum time to wait until another ingest has decided whether its publisher is silent, and interval of the
 * checks, both ms.
 */
const answerTimeoutMs = 1300
/** Time without any answer after which another ingest counts as frozen, ms. */
const frozenAfterMs = 500
const checkEveryMs = 40

export type FormerSessions = ReturnType<typeof createFormerSessions>

/** Creates the search for sessions of other ingests whose publishers have returned to this ingest. */
export function createFormerSessions({ registry, yields }: FormerSessionsDependencies) {
  /**
   * Waits until another ingest has interrupted its session because the publisher is silent there, or counts
   * as frozen. Returns undefined when the publisher is sending, the session has ended, or that ingest does
   * not decide in time.
   */
  async function untilInterrupted(sessionId: string): Promise<LiveSession | undefined> {
    const askedAt = performance.now()
    const waitedMs = () => performance.now() - askedAt
    while (waitedMs() < answerTimeoutMs) {
      const [record, answer] = await Promise.all([registry.session(sessionId), yields.answer(sessionId)])
      if (record === undefined || answer === 'refused') return undefined
      if (record.interruption || (answer === undefined && waitedMs() > frozenAfterMs)) return record
      await delay(checkEveryMs)
    }
    return undefined
  }

  return {
    /**
     * Returns the session of a channel that a returning publisher continues: one that waits, whose publisher
     * is silent, or whose ingest has died or is frozen. Returns undefined when there is no such session, or
     * when it has no media yet or no grace time. Rejects while Redis is away.
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
