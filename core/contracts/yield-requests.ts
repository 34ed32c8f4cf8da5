import { type Redis, redisPrefix } from '../process/redis.ts'

const channelOf = (instance: string) => `${redisPrefix}yield:${instance}`
const answerKey = (sessionId: string) => `${redisPrefix}yield:${sessionId}`
/** Time that a refusal stays stored, ms: longer than the other ingest waits for it. */
const refusalTtlMs = 2000

export type YieldRequests = ReturnType<typeof createYieldRequests>

/**
 * Requests of one ingest to another, because a publisher has returned here: interrupt its session there if
 * that connection is silent. A refusal is stored; the consent is the interruption in the session's record.
 */
export function createYieldRequests(redis: Redis) {
  return {
    /** Sends a request. Returns whether that ingest received it. An ingest that has died does not. */
    async request(instance: string, sessionId: string): Promise<boolean> {
      await redis.del(answerKey(sessionId))
      return (await redis.publish(channelOf(instance), sessionId)) > 0
    },

    /** Whether the request for a session was refused, because its publisher is sending. */
    isRefused: async (sessionId: string): Promise<boolean> =>
      (await redis.get(answerKey(sessionId))) !== null,

    /**
     * Calls `onRequest` with the session id of each request to `instance` from now on, and with a function
     * that refuses it. `subscriber` is a connection that takes no other commands.
     */
    async watch(
      subscriber: Redis,
      instance: string,
      onRequest: (sessionId: string, refuse: () => void) => void,
    ): Promise<void> {
      const channel = channelOf(instance)
      subscriber.on('message', (from: string, sessionId: string) => {
        // Without the refusal, the other ingest gives up a little later.
        const refuse = () =>
          void redis.set(answerKey(sessionId), 'publishing', 'PX', refusalTtlMs).catch(() => {})
        if (from === channel) onRequest(sessionId, refuse)
      })
      await subscriber.subscribe(channel)
    },
  }
}
