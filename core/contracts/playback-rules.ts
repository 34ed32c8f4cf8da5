import { type Redis, redisPrefix } from '../process/redis.ts'

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

const rulesKey = `${redisPrefix}playback-rules`
const versionKey = `${redisPrefix}playback-rules-version`
const changesChannel = `${redisPrefix}playback-rules`

export type PlaybackRuleBoard = ReturnType<typeof createPlaybackRuleBoard>

/** The playback rules in Redis: written as a whole by managers, read by edges. */
export function createPlaybackRuleBoard(redis: Redis) {
  return {
    /**
     * Replaces all rules in one step and notifies the edges. Edges read the rules only when `version` has
     * changed, so callers use a new version each time.
     */
    async put(rules: PlaybackRules, version: string): Promise<void> {
      await redis
        .multi()
        .set(rulesKey, JSON.stringify(rules))
        .set(versionKey, version)
        .publish(changesChannel, version)
        .exec()
    },

    /** Returns undefined when Redis has no rules, because it is new or lost its data. */
    version: async (): Promise<string | undefined> => (await redis.get(versionKey)) ?? undefined,

    async read(): Promise<PlaybackRules | undefined> {
      const json = await redis.get(rulesKey)
      return json === null ? undefined : (JSON.parse(json) as PlaybackRules)
    },

    /**
     * Calls `onChange` each time that rules are written. `subscriber` is a connection for this alone.
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
