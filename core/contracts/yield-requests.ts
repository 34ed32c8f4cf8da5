import { type Redis, redisPrefix } from '../process/redis.ts'

const channelOf = (instance: string) => `${redisPrefix}yield:${instance}`
const answerKey = (sessionId: string) => `${redisPrefix}yield:${sessionId}`
/** Time that a refusal stays stored, ms: longer than the other ingest waits for it. */
const refusalTtlMs = 2000

export type YieldRequests = ReturnType<typeof createYieldRequests>

/**
 * Requests between ingests. When a publisher connects again, but to another ingest, that ingest asks the one
 * that has the session to interrupt it. The asked ingest does so if its publisher is silent; the record of
 * the session then shows the interruption. Otherwise the asked ingest stores a refusal.
 */
export function createYieldRequests(redis: Redis) {
  return {
    /**
     * Sends a request to an ingest. Returns false when that ingest did not receive it, because it has died.
     */
    async request(instance: string, sessionId: string): Promise<boolean> {
      await redis.del(answerKey(sessionId))
      return (await redis.publish(channelOf(instance), sessionId)) > 0
    },

    /** Whether the request for a session was refused, because its publisher is sending. */
    isRefused: async (sessionId: string): Promise<boolean> =>
      (await redis.get(answerKey(sessionId))) !== null,

    /**
     * Calls `onRequest` with the session id of each request to `instance` from now on, and with a function
     * that refuses it. `subscriber` is a connection for subscriptions only.
     */
    async watch(
      subscriber: Redis,
      instance: string,
      onRequest: (sessionId: string, refuse: () => void) => void,
    ): Promise<void> {
      const channel = channelOf(instance)
      subscriber.on('message', (from: string, sessionId: string) => {
        // If Redis is away, the refusal is lost. The other ingest then gives up after its own timeout.
        const refuse = () =>
          void redis.set(answerKey(sessionId), 'publishing', 'PX', refusalTtlMs).catch(() => {})
        if (from === channel) onRequest(sessionId, refuse)
      })
      await subscriber.subscribe(channel)
    },
  }
}
