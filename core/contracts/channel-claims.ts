import { type Redis, redisPrefix } from '../process/redis.ts'

const keyOf = (channelId: string) => `${redisPrefix}claim:${channelId}`
/** Key of the highest order that a claim to the channel has had. */
const orderKeyOf = (channelId: string) => `${redisPrefix}claim-order:${channelId}`
/** Time for which the highest order stays stored, ms: longer than the clock of Redis may be set back. */
const orderTtlMs = 24 * 3_600_000

/** The right of a session to its channel, as stored in Redis. */
export interface ChannelClaim {
  sessionId: string
  /** Place among the claims to the channel: a later claim has a higher number. */
  order: number
  /** Whether the claim was made to take the channel over from another session. */
  takeover: boolean
}

/**
 * Whether a claim wins over another one of the same channel. The last takeover wins; without a takeover the
 * first claim wins. Two sessions that compare their claims therefore always agree.
 */
export function winsOver(claim: Omit<ChannelClaim, 'sessionId'>, other: Omit<ChannelClaim, 'sessionId'>) {
  return claim.order > other.order ? claim.takeover : !other.takeover
}

/**
 * Redis script that claims a channel: it writes a claim of session ARGV[1] to KEYS[1] for ARGV[2] ms. A claim
 * that is there already stays, unless ARGV[3] is 1, for takeover. Returns the claim in KEYS[1] as text.
 * KEYS[2] keeps the highest order for ARGV[4] ms. A new order is at least the time, µs, so that orders rise
 * even after Redis has lost its data.
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
 * Redis script that writes the claim ARGV[1] (order ARGV[3], takeover ARGV[4]) to KEYS[1] for ARGV[2] ms.
 * Returns 1; returns 0, and writes nothing, when KEYS[1] has a claim that wins over it. A claim can lapse
 * while its session is live, for example because Redis lost its data. If another session then claims the
 * channel without a takeover, the live session gets the channel back.
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
     * Claims a channel for a session. Returns the claim that then holds the channel. Without `takeover`, this
     * may be an earlier claim of another session.
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
