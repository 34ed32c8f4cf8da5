import { type Redis, redisPrefix } from '../process/redis.ts'
import type { EndReason } from './end-reason.ts'

/** Request to end a session, for the ingest that has it. */
export interface StopRequest {
  sessionId: string
  reason: EndReason
  detail: string | null
}

const channel = `${redisPrefix}stop`
const keyOf = (sessionId: string) => `${redisPrefix}stop:${sessionId}`
/** Time that a request stays stored, ms: many heartbeats of ingest, which checks for it at each. */
const requestTtlMs = 60_000

export type StopRequests = ReturnType<typeof createStopRequests>

/** Requests to end sessions. They are sent by pub/sub, and also stored in case the message gets lost. */
export function createStopRequests(redis: Redis) {
  return {
    async request(stop: StopRequest): Promise<void> {
      const json = JSON.stringify(stop)
      await redis.set(keyOf(stop.sessionId), json, 'PX', requestTtlMs)
      await redis.publish(channel, json)
    },

    /** Returns the stored request for a session. Ingest checks it with every heartbeat. */
    async pending(sessionId: string): Promise<StopRequest | undefined> {
      const json = await redis.get(keyOf(sessionId))
      return json === null ? undefined : (JSON.parse(json) as StopRequest)
    },

    /**
     * Calls `onStop` for each request from now on, until the returned function is called. `subscriber` is a
     * connection for subscriptions only.
     */
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
