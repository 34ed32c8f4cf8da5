import { type Redis, redisPrefix } from '../process/redis.ts'

const channelOf = (instance: string) => `${redisPrefix}yield:${instance}`
const answerKey = (sessionId: string) => `${redisPrefix}yield:${sessionId}`
/** Time that an answer stays stored, ms: longer than the other ingest waits for it. */
const answerTtlMs = 2000

/** `received`: the asked ingest has not decided yet. `refused`: its publisher is sending. */
export type YieldAnswer = 'received' | 'refused'

export type YieldRequests = ReturnType<typeof createYieldRequests>

/**
 * Requests between ingests. When a publisher connects again, but to another ingest, that ingest asks the one
 * that has the session to interrupt it. The asked ingest does so if its publisher is silent; the record of
 * the session then shows the interruption. Otherwise the asked ingest stores a refusal. It stores at once
 * that it has received the request, because one that is frozen does not.
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

    /** Returns the newest answer to the request for a session; undefined when there is none. */
    answer: async (sessionId: string): Promise<YieldAnswer | undefined> =>
      ((await redis.get(answerKey(sessionId))) as YieldAnswer | null) ?? undefined,

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
        if (from !== channel) return
        // If Redis is away, the other ingest gives up after its own timeout.
        const answer = (what: YieldAnswer) =>
          void redis.set(answerKey(sessionId), what, 'PX', answerTtlMs).catch(() => {})
        answer('received')
        onRequest(sessionId, () => answer('refused'))
      })
      await subscriber.subscribe(channel)
    },
  }
}
