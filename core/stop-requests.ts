import type { EndReason } from './end-reason.ts'
import { type Redis, redisPrefix } from './redis.ts'

/** Asks the ingest that holds a session to end it. */
export interface StopRequest {
  sessionId: string
  reason: EndReason
  detail: string | null
}

const channel = `${redisPrefix}stop`
const keyOf = (sessionId: string) => `${redisPrefix}stop:${sessionId}`
/** A request waits this long for an ingest that missed the message, ms. */
const requestTtlMs = 60_000

export type StopRequests = ReturnType<typeof createStopRequests>

/** Requests to end sessions: told by pub/sub at once, and kept for a while so that none is lost. */
export function createStopRequests(redis: Redis) {
  return {
    async request(stop: StopRequest): Promise<void> {
      const json = JSON.stringify(stop)
      await redis.set(keyOf(stop.sessionId), json, 'PX', requestTtlMs)
      await redis.publish(channel, json)
    },

    /** A request that waits for this session: ingest looks with every heartbeat. */
    async pending(sessionId: string): Promise<StopRequest | undefined> {
      const json = await redis.get(keyOf(sessionId))
      return json === null ? undefined : (JSON.parse(json) as StopRequest)
    },

    /** Calls `onStop` for each request from now on; needs a connection of its own. */
    async watch(subscriber: Redis, onStop: (stop: StopRequest) => void): Promise<() => void> {
      const onMessage = (from: string, message: string) => {
        if (from === channel) onStop(JSON.parse(message) as StopRequest)
      }
      subscriber.on('message', onMessage)
      await subscriber.subscribe(channel)
      return () => subscriber.off('message', onMessage)
    },
  }
}
