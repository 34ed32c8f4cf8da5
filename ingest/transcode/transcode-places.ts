import { setTimeout as delay } from 'node:timers/promises'
import { type TranscoderOffer, transcoderOffers } from '../../core/contracts/transcode/transcoder-offers.ts'
import type { Redis } from '../../core/process/redis.ts'

/** Maximum time for the answer of Redis, ms. A publisher does not wait for longer. */
const answerMs = 1000

/** Whether every transcoder has as many sessions as it takes. Without transcoders it is false. */
const areFull = (offers: readonly Pick<TranscoderOffer, 'sessions' | 'maxSessions'>[]) =>
  offers.length > 0 && offers.every(({ sessions, maxSessions }) => sessions >= maxSessions)

/**
 * Creates the check whether transcoders can take another session. Only what they say counts: while Redis is
 * away, or without transcoders, a session waits for one.
 */
export function createTranscodePlaces(redis: Redis) {
  return {
    /** Whether all transcoders are full; false when Redis does not say so in time. Never rejects. */
    areTaken: (): Promise<boolean> =>
      Promise.race([transcoderOffers(redis).then(areFull), delay(answerMs, false)]).catch(() => false),
  }
}

export type TranscodePlaces = ReturnType<typeof createTranscodePlaces>
