import { type Redis, redisPrefix } from '../process/redis.ts'

const keyOf = (channelId: string) => `${redisPrefix}claim:${channelId}`

/** Deletes KEYS[1] if it holds ARGV[1]; with ARGV[2], extends it to that many ms instead. */
const ifHeld = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) else redis.call('DEL', KEYS[1]) end
return 1`

/** Which session holds each channel. A claim lapses `ttlMs` after it was last held. */
export function createChannelClaims(redis: Redis, ttlMs: number) {
  /**
   * Makes `sessionId` the one session of a channel. Returns the session that holds it now, which may be
   * another.
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
     * Keeps a claim alive, or takes a lapsed one again. Returns false when another session holds the channel.
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
