import {
  keptAfterExpiryMs,
  type PlaybackRuleBoard,
  type PlaybackRules,
  type SignedChannel,
} from '../../core/contracts/playback-rules.ts'
import { createPoll } from '../../core/mechanisms/poll.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import type { Redis } from '../../core/process/redis.ts'

/** Where the playback rules are read from: Redis or a shield. */
export interface RuleSource {
  /**
   * Returns the version of the rules; undefined when there are none. If the source has restarted since the
   * rules were written, they may be older than those known here, and count only with `mayBeOld`.
   */
  version(mayBeOld: boolean): Promise<string | undefined>
  read(): Promise<PlaybackRules | undefined>
  /** Calls `onChange` when the rules may have changed. */
  watch(onChange: () => void): void
}

/**
 * Creates a source that reads Redis. `subscriber` is a Redis connection for subscriptions, with `whenAway:
 * 'wait'`.
 */
export function ruleSourceOf(board: PlaybackRuleBoard, subscriber: Redis, log: Log): RuleSource {
  return {
    version: board.version,
    read: board.read,
    watch(onChange) {
      // Messages sent while Redis was away are lost, so a reconnection counts as a change of the rules.
      subscriber.on('ready', onChange)
      board
        .watch(subscriber, onChange)
        .catch((error: unknown) =>
          log.warn({ err: error }, 'cannot subscribe to playback rules, polling every second'),
        )
    },
  }
}

export interface RuleWatchOptions {
  log: Log
  /** Time between two polls, ms; 1000 by default. They find changes whose message was lost. */
  everyMs?: number
}

/** The playback rules as this edge knows them. */
export interface KnownRules {
  /** Whether the rules have been read. Until then the maps are empty. */
  readonly areKnown: boolean
  /** Channels that need a token, by slug. */
  readonly signed: ReadonlyMap<string, SignedChannel>
  /** Expiry of each individually revoked token, ms since the epoch, by token id. */
  readonly revoked: ReadonlyMap<string, number>
}

export type RuleWatch = ReturnType<typeof watchRules>

/**
 * Keeps the playback rules up to date. They stay as they are while the source is away or has no rules, and
 * when Redis restarts with older ones. A revoked token stays revoked in any case.
 */
export function watchRules(source: RuleSource, { log, everyMs = 1000 }: RuleWatchOptions) {
  let version: string | undefined
  let signed = new Map<string, SignedChannel>()
  const revoked = new Map<string, number>()

  function apply(rules: PlaybackRules) {
    signed = new Map(
      Object.entries(rules.signed).map(([slug, channel]) => {
        const known = signed.get(slug)
        const before = known?.channelId === channel.channelId ? known.revokedUntil : 0
        return [slug, { ...channel, revokedUntil: Math.max(channel.revokedUntil, before) }]
      }),
    )
    const now = Date.now()
    for (const [id, expiresAt] of Object.entries(rules.revoked)) revoked.set(id, expiresAt)
    for (const [id, expiresAt] of revoked) if (expiresAt + keptAfterExpiryMs < now) revoked.delete(id)
  }

  async function refresh() {
    const found = await source.version(version === undefined)
    if (found === undefined || found === version) return
    const rules = await source.read()
    if (rules === undefined) return
    apply(rules)
    version = found
  }

  const poll = createPoll(
    () =>
      refresh().catch((error: unknown) => {
        log.debug({ reason: messageOf(error) }, 'cannot read playback rules, keeping the known ones')
      }),
    { everyMs },
  )
  source.watch(poll.soon)

  return {
    get areKnown() {
      return version !== undefined
    },
    get signed() {
      return signed
    },
    revoked: revoked as ReadonlyMap<string, number>,
    /** Reads the rules now. Resolves whether or not that succeeded. */
    refresh: poll.run,
    close: (): void => void poll.close(),
  }
}
