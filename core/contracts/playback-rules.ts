import { type Redis, redisPrefix } from '../process/redis.ts'
import { readRunId } from '../process/redis-run.ts'

/** A channel that can only be watched with a token. */
export interface SignedChannel {
  channelId: string
  /** Tokens issued at this time or before are revoked, ms since the epoch; 0: none. */
  revokedUntil: number
}

/** What edges must know to admit viewers without asking the manager. */
export interface PlaybackRules {
  /** Signed channels by slug. Every other channel is public. */
  signed: Record<string, SignedChannel>
  /** Tokens that were revoked individually: the expiry of each, ms since the epoch, by token id. */
  revoked: Record<string, number>
}

/**
 * Time for which a revoked token is remembered after its expiry, ms. If a clock is set back meanwhile, the
 * token has not expired yet and must still be refused.
 */
export const keptAfterExpiryMs = 24 * 3_600_000

const rulesKey = `${redisPrefix}playback-rules`
const versionKey = `${redisPrefix}playback-rules-version`
const runKey = `${redisPrefix}playback-rules-run`
const changesChannel = `${redisPrefix}playback-rules`

/** Redis script that writes the rules ARGV[1], their version ARGV[2] and the run id, and announces them. */
const putScript = `
${readRunId}
redis.call('SET', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], ARGV[2])
redis.call('SET', KEYS[3], runId)
redis.call('PUBLISH', ARGV[3], ARGV[2])`

/** Redis script that returns the version KEYS[1], unless ARGV[1] is 0 and KEYS[2] has an old run id. */
const versionScript = `
${readRunId}
local version = redis.call('GET', KEYS[1])
if ARGV[1] == '0' and redis.call('GET', KEYS[2]) ~= runId then return false end
return version`

export type PlaybackRuleBoard = ReturnType<typeof createPlaybackRuleBoard>

/** The playback rules in Redis: written as a whole by managers, read by edges. */
export function createPlaybackRuleBoard(redis: Redis) {
  return {
    /**
     * Replaces all rules in one step and notifies the edges. Edges read the rules only when `version` has
     * changed, so callers use a new version each time.
     */
    async put(rules: PlaybackRules, version: string): Promise<void> {
      const json = JSON.stringify(rules)
      await redis.eval(putScript, 3, rulesKey, versionKey, runKey, json, version, changesChannel)
    },

    /**
     * Returns the version of the rules; undefined when Redis has none, because it is new or lost its data.
     * After a restart Redis may have outdated rules. Until a manager has written the rules again, their
     * version is returned only if `mayBeOld`.
     */
    async version(mayBeOld: boolean): Promise<string | undefined> {
      const found = await redis.eval(versionScript, 2, versionKey, runKey, mayBeOld ? '1' : '0')
      return (found as string | null) ?? undefined
    },

    async read(): Promise<PlaybackRules | undefined> {
      const json = await redis.get(rulesKey)
      return json === null ? undefined : (JSON.parse(json) as PlaybackRules)
    },

    /**
     * Calls `onChange` each time that rules are written. `subscriber` is a connection for subscriptions only.
     * Messages may get lost, so callers poll as well.
     */
    async watch(subscriber: Redis, onChange: () => void): Promise<void> {
      subscriber.on('message', (channel) => {
        if (channel === changesChannel) onChange()
      })
      await subscriber.subscribe(changesChannel)
    },
  }
}
