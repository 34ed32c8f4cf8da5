import { type LiveRegistry, staleOriginMs } from '../../core/contracts/live-registry.ts'
import type { Redis } from '../../core/process/redis.ts'

export interface OtherOriginsOptions {
  registry: Pick<LiveRegistry, 'origin' | 'originAgeMs' | 'lostTranscoder'>
  /** Connection of `registry`, which is ready. */
  redis: Pick<Redis, 'on'>
  instance: string
}

/**
 * Creates the check whether another transcoder works on a session. The queue does not know: the lock of a
 * job lapses when its transcoder is dead, but also when Redis was away or slow. A transcoder that works
 * writes its origin. The check rejects while Redis is away.
 */
export function createOtherOrigins({ registry, redis, instance }: OtherOriginsOptions) {
  let backAt = Number.NEGATIVE_INFINITY
  redis.on('ready', () => {
    backAt = performance.now()
  })

  return {
    async has(sessionId: string): Promise<boolean> {
      const origin = await registry.origin(sessionId)
      if (origin === undefined || origin.transcoder === instance) return false
      if (origin.isReleased || origin.isOffered || origin.state === 'ended') return false
      if (origin.transcoder === (await registry.lostTranscoder(sessionId))) return false
      // The other transcoder may not have written its origin yet since Redis is back.
      if (performance.now() - backAt < staleOriginMs) return true
      return ((await registry.originAgeMs(sessionId)) ?? staleOriginMs) < staleOriginMs
    },
  }
}
