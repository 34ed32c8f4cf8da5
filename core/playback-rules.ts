import { type Redis, redisPrefix } from './redis.ts'

/** A channel that is watched with a token only. */
export interface SignedChannel {
  channelId: string
  /** Its tokens of this time or before are revoked, ms since the epoch; 0: none. */
  revokedUntil: number
}

/** What edges must know to let viewers in without asking the manager. */
export interface PlaybackRules {
  /** By slug; every other channel is open to all. */
  signed: Record<string, SignedChannel>
  /** Tokens revoked one by one: when each would have ended, ms since the epoch, by id. */
  revoked: Record<string, number>
}

const rulesKey = `${redisPrefix}playback-rules`
const versionKey = `${redisPrefix}playback-rules-version`
const changesChannel = `${redisPrefix}playback-rules`

export type PlaybackRuleBoard = ReturnType<typeof createPlaybackRuleBoard>

/** The playback rules in Redis: written whole by managers, read by edges. */
export function createPlaybackRuleBoard(redis: Redis) {
  return {
    /** Replaces the rules in one step and tells it; `version` is one that they never had. */
    async put(rules: PlaybackRules, version: string): Promise<void> {
      await redis
        .multi()
        .set(rulesKey, JSON.stringify(rules))
        .set(versionKey, version)
        .publish(changesChannel, version)
        .exec()
    },

    /** Undefined where no manager wrote any: a Redis that is new, or came back empty. */
    version: async (): Promise<string | undefined> => (await redis.get(versionKey)) ?? undefined,

    async read(): Promise<PlaybackRules | undefined> {
      const json = await redis.get(rulesKey)
      return json === null ? undefined : (JSON.parse(json) as PlaybackRules)
    },

    /** Calls `onChange` when rules were written; needs a connection that does nothing but listen. Lost messages are to be made up by looking. */
    async watch(subscriber: Redis, onChange: () => void): Promise<void> {
      subscriber.on('message', (channel) => {
        if (channel === changesChannel) onChange()
      })
      await subscriber.subscribe(changesChannel)
    },
  }
}
