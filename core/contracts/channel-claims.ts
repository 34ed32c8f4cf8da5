import { type Redis, redisPrefix } from '../process/redis.ts'

const keyOf = (channelId: string) => `${redisPrefix}claim:${channelId}`
/** Key of the newest place in the order of a channel's claims. */
const orderKeyOf = (channelId: string) => `${redisPrefix}claim-order:${channelId}`
/** Time for which the order of the last claim stays stored, ms: longer than a clock may be set back. */
const orderTtlMs = 24 * 3_600_000

/** A claim of a session to its channel. */
export interface ChannelClaim {
  sessionId: string
  /** Place among the claims to the channel: a later claim has a higher number. */
  order: number
  /** Whether the claim was made to take the channel over from another session. */
  takeover: boolean
}

/**
 * Whether a claim wins over another one of the same channel: of all claims the last takeover has the channel,
 * and without a takeover the first claim. So two sessions that compare their claims always agree.
 */
export function winsOver(claim: Omit<ChannelClaim, 'sessionId'>, other: Omit<ChannelClaim, 'sessionId'>) {
  return claim.order > other.order ? claim.takeover : !other.takeover
}

/**
 * Redis script that makes the claim KEYS[1] of session ARGV[1] for ARGV[2] ms, unless another one holds the
 * key and ARGV[3] is not 1, for takeover. Returns the holder's order, takeover and session. The order is the
 * time at least, so that it also grows when Redis has lost its data.
 */
const claimScript = `
local held = redis.call('GET', KEYS[1])
if held and ARGV[3] ~= '1' then return held end
local time = redis.call('TIME')
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local order = string.format('%.0f', math.max(last + 1, time[1] * 1000000 + time[2]))
redis.call('SET', KEYS[2], order, 'PX', ARGV[4])
local claim = order .. ' ' .. ARGV[3] .. ' ' .. ARGV[1]
redis.call('SET', KEYS[1], claim, 'PX', ARGV[2])
return claim`

/**
 * Redis script that sets KEYS[1] to the claim ARGV[1] (with order ARGV[3] and takeover ARGV[4]) for ARGV[2]
 * ms, unless a claim that wins over it holds the key. Returns 1 or 0. A claim that came in while this one had
 * lapsed, for example because Redis had lost its data, thus does not end a session that is live.
 */
const holdScript = `
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then
  local order, takeover = string.match(held, '^(%d+) (%d) ')
  if not order then return 0 end
  local isLater = tonumber(ARGV[3]) > tonumber(order)
  if isLater and ARGV[4] ~= '1' then return 0 end
  if not isLater and takeover == '1' then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`

/** Redis script that deletes KEYS[1] if session ARGV[1] holds it. */
const releaseScript = `
local held = redis.call('GET', KEYS[1])
if held and string.match(held, '%S+$') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`

const textOf = ({ order, takeover, sessionId }: ChannelClaim) => `${order} ${takeover ? 1 : 0} ${sessionId}`

function parseClaim(text: string): ChannelClaim {
  const [order, takeover, sessionId = ''] = text.split(' ')
  return { sessionId, order: Number(order), takeover: takeover === '1' }
}

/** Claims of sessions to their channels. A claim lapses `ttlMs` after it was made or last extended. */
export function createChannelClaims(redis: Redis, ttlMs: number) {
  return {
    /** Returns the claim that holds a channel; undefined when none does. */
    async channelClaim(channelId: string): Promise<ChannelClaim | undefined> {
      const held = await redis.get(keyOf(channelId))
      return held === null ? undefined : parseClaim(held)
    },

    /**
     * Claims a channel for a session. Returns the claim that holds the channel now. Without `takeover` this
     * is the claim of another session when that one held the channel already.
     */
    async claimChannel(channelId: string, sessionId: string, takeover: boolean): Promise<ChannelClaim> {
      const flag = takeover ? '1' : '0'
      const keys = [keyOf(channelId), orderKeyOf(channelId)]
      const held = await redis.eval(claimScript, 2, ...keys, sessionId, ttlMs, flag, orderTtlMs)
      return parseClaim(held as string)
    },

    /**
     * Extends a claim, or renews it when it has lapsed. Returns false when a claim that wins over it holds
     * the channel.
     */
    async holdChannel(channelId: string, claim: ChannelClaim): Promise<boolean> {
      const { order, takeover } = claim
      const flag = takeover ? '1' : '0'
      return (await redis.eval(holdScript, 1, keyOf(channelId), textOf(claim), ttlMs, order, flag)) === 1
    },

    async releaseChannel(channelId: string, sessionId: string): Promise<void> {
      await redis.eval(releaseScript, 1, keyOf(channelId), sessionId)
    },
  }
}
