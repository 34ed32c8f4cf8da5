import { type Redis, redisPrefix } from '../process/redis.ts'

const keyOf = (channelId: string) => `${redisPrefix}claim:${channelId}`

/**
 * Redis script that returns 0 unless the value of KEYS[1] is ARGV[1]. Otherwise it lets the key expire in
 * ARGV[2] ms, or deletes it when there is no ARGV[2], and returns 1.
 */
const ifHeld = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) else redis.call('DEL', KEYS[1]) end
return 1`

/** Claims of sessions to their channels. A claim lapses `ttlMs` after it was made or last extended. */
export function createChannelClaims(redis: Redis, ttlMs: number) {
  /**
   * Claims a channel for a session. Returns the id of the session that holds the channel now. Without
   * `takeover` this is another session when that one holds a claim already.
   */
  async function claimChannel(channelId: string, sessionId: string, takeover: boolean): Promise<string> {
    const key = keyOf(channelId)
    if (takeover) {
      await redis.set(key, sessionId, 'PX', ttlMs)
      return sessionId
    }
    await redis.set(key, sessionId, 'PX', ttlMs, 'NX')
    return (await redis.get(key)) ?? sessionId
  }

  return {
    claimChannel,

    /**
     * Extends a claim, or claims the channel again if the claim has lapsed. Returns false when another
     * session holds the channel.
     */
    async holdChannel(channelId: string, sessionId: string): Promise<boolean> {
      const held = await redis.eval(ifHeld, 1, keyOf(channelId), sessionId, ttlMs)
      if (held === 1) return true
      return (await claimChannel(channelId, sessionId, false)) === sessionId
    },

    async releaseChannel(channelId: string, sessionId: string): Promise<void> {
      await redis.eval(ifHeld, 1, keyOf(channelId), sessionId)
    },
  }
}
