import type { PlaybackRules, SignedChannel } from '../../core/contracts/playback-rules.ts'
import { messageOf } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'

/** Where the playback rules are, the watching connection included. */
export interface RuleSource {
  version(): Promise<string | undefined>
  read(): Promise<PlaybackRules | undefined>
  /** Calls `onChange` whenever they may have changed. */
  watch(onChange: () => void): void
}

export interface RuleWatchOptions {
  log: Log
  /** Time between two looks, ms: messages get lost. */
  everyMs?: number
}

/** The playback rules as this edge knows them. */
export interface KnownRules {
  /** False until the first rules were read: nobody can be let in before. */
  readonly areKnown: boolean
  /** Channels that need a token, by slug. */
  readonly signed: ReadonlyMap<string, SignedChannel>
  /** When each revoked token would have ended, ms since the epoch, by id. */
  readonly revoked: ReadonlyMap<string, number>
}

export type RuleWatch = ReturnType<typeof watchRules>

/**
 * Keeps the playback rules true. While Redis is away, and when it comes back empty or with an older state, what was revoked stays
 * revoked; channels are as they were until a manager wrote anew.
 */
export function watchRules(source: RuleSource, { log, everyMs = 1000 }: RuleWatchOptions) {
  let version: string | undefined
  let signed = new Map<string, SignedChannel>()
  const revoked = new Map<string, number>()
  let looking: Promise<void> | undefined
  let isWanted = false

  function take(rules: PlaybackRules) {
    signed = new Map(
      Object.entries(rules.signed).map(([slug, channel]) => {
        const known = signed.get(slug)
        const before = known?.channelId === channel.channelId ? known.revokedUntil : 0
        return [slug, { ...channel, revokedUntil: Math.max(channel.revokedUntil, before) }]
      }),
    )
    const now = Date.now()
    for (const [id, endsAt] of Object.entries(rules.revoked)) revoked.set(id, endsAt)
    for (const [id, endsAt] of revoked) if (endsAt < now) revoked.delete(id)
  }

  async function readAnew() {
    const found = await source.version()
    if (found === undefined || found === version) return
    const rules = await source.read()
    if (rules === undefined) return
    take(rules)
    version = found
  }

  /** One look at a time; one that was wanted meanwhile follows it. */
  function look(): Promise<void> {
    if (looking !== undefined) {
      isWanted = true
      return looking
    }
    looking = readAnew()
      .catch((error: unknown) => {
        log.debug({ reason: messageOf(error) }, 'playback rules could not be read, going on with those known')
      })
      .finally(() => {
        looking = undefined
        if (!isWanted) return
        isWanted = false
        void look()
      })
    return looking
  }

  source.watch(() => void look())
  const timer = setInterval(() => void look(), everyMs)

  return {
    get areKnown() {
      return version !== undefined
    },
    get signed() {
      return signed
    },
    revoked: revoked as ReadonlyMap<string, number>,
    /** Looks now; resolves whether or not there was something to be read. */
    look,
    close: (): void => clearInterval(timer),
  }
}
