import { type TranscoderOffer, transcoderOffers } from '../../core/contracts/transcode/transcoder-offers.ts'
import type { Redis } from '../../core/process/redis.ts'

/** Whether every transcoder has as many sessions as it takes. Without transcoders it is false. */
const areFull = (offers: readonly Pick<TranscoderOffer, 'sessions' | 'maxSessions'>[]) =>
  offers.length > 0 && offers.every(({ sessions, maxSessions }) => sessions >= maxSessions)

/**
 * Creates the check whether transcoders can take another session. Only what they say counts: while Redis is
 * away, or without transcoders, a session waits for one.
 */
export function createTranscodePlaces(redis: Redis) {
  return {
    /** Whether all transcoders are full. Never rejects. */
    areTaken: (): Promise<boolean> => transcoderOffers(redis).then(areFull, () => false),
  }
}

export type TranscodePlaces = ReturnType<typeof createTranscodePlaces>
