import { type ChannelClaim, winsOver } from '../../core/contracts/channel-claims.ts'
import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'

/**
 * Creates the claims of this process: which session has which channel. Before a publisher is accepted, a
 * claim in Redis decides between all ingests. While Redis is away, this process decides from its own sessions
 * alone. A session that loses its claim later ends with `taken_over`.
 */
export function createClaims(
  registry: Pick<LiveRegistry, 'claimChannel' | 'holdChannel' | 'releaseChannel'>,
) {
  const own = createOwnClaims()
  const { held, made, isHeldBy } = own
  const { release, releasePrevious } = createReleases(registry)

  /**
   * Claims the channel in Redis for a session that was accepted while Redis was away. Returns false when
   * another session has the channel.
   */
  async function claimLate(channelId: string, { sessionId, takeover }: OwnSession): Promise<boolean> {
    const late = await registry.claimChannel(channelId, sessionId, takeover)
    if (late.sessionId !== sessionId) return false
    if (!isHeldBy(channelId, sessionId)) {
      void release(channelId, sessionId)
      return false
    }
    made.set(sessionId, late)
    return true
  }

  return {
    /**
     * Claims a channel for a session; with `takeover` even from another session. Returns false when another
     * session has the channel.
     */
    async acquire({ channelId, takeover }: ChannelGrant, sessionId: string): Promise<boolean> {
      if (held.has(channelId) && !takeover) return false
      try {
        releasePrevious(channelId)
        const claim = await registry.claimChannel(channelId, sessionId, takeover)
        if (claim.sessionId !== sessionId) return false
        if (own.isTaken(channelId, claim)) {
          void release(channelId, sessionId)
          return false
        }
        made.set(sessionId, claim)
      } catch {
        if (held.has(channelId) && !takeover) {
          // Redis may be slow and carry out the claim later, so it is released.
          void release(channelId, sessionId)
          return false
        }
      }
      held.set(channelId, { sessionId, takeover })
      return true
    },

    /** Whether a session has the channel as far as this process knows. */
    isHeldBy,

    /** Returns the session's claim in Redis; undefined when it was accepted while Redis was away. */
    claimOf: (sessionId: string): ChannelClaim | undefined => made.get(sessionId),

    /**
     * Extends the claim of a session in Redis, or makes it if Redis was away before. Returns false when
     * another session has the channel. Rejects while Redis is away.
     */
    async hold(channelId: string, sessionId: string): Promise<boolean> {
      const mine = held.get(channelId)
      if (mine?.sessionId !== sessionId) return false
      releasePrevious(channelId)
      const claim = made.get(sessionId)
      return claim === undefined ? claimLate(channelId, mine) : registry.holdChannel(channelId, claim)
    },

    adopt: own.adopt,
    leave: own.leave,

    async release(channelId: string, sessionId: string): Promise<void> {
      own.leave(channelId, sessionId)
      await release(channelId, sessionId)
    },
  }
}

interface OwnSession {
  sessionId: string
  takeover: boolean
}

/** Creates the memory of which session of this process has which channel. */
function createOwnClaims() {
  /** The session of this process that has the channel, by channel id. */
  const held = new Map<string, OwnSession>()
  /** Claims in Redis, by session id. A session that was accepted while Redis was away has none yet. */
  const made = new Map<string, ChannelClaim>()
  const isHeldBy = (channelId: string, sessionId: string) => held.get(channelId)?.sessionId === sessionId

  return {
    held,
    made,
    isHeldBy,

    /** Whether a session of this process has the channel although another has just claimed it in Redis. */
    isTaken(channelId: string, claim: ChannelClaim): boolean {
      const other = held.get(channelId)
      if (other === undefined) return false
      const otherClaim = made.get(other.sessionId)
      return otherClaim === undefined ? !claim.takeover : winsOver(otherClaim, claim)
    },

    /** Stores the claim of a session that continues in this process. From then on `hold` extends it. */
    adopt(channelId: string, sessionId: string, claim: ChannelClaim | undefined): void {
      held.set(channelId, { sessionId, takeover: claim?.takeover ?? false })
      if (claim !== undefined) made.set(sessionId, claim)
    },

    /**
     * Forgets a session and its claim. The claim stays in Redis, because another ingest may continue the
     * session.
     */
    leave(channelId: string, sessionId: string): void {
      if (isHeldBy(channelId, sessionId)) held.delete(channelId)
      made.delete(sessionId)
    },
  }
}

/** Creates the releases of claims in Redis. A release that fails because Redis is away is repeated later. */
function createReleases(registry: Pick<LiveRegistry, 'releaseChannel'>) {
  /** Session id by channel id: claims that have ended here but could not be released in Redis. */
  const unreleased = new Map<string, string>()

  async function release(channelId: string, sessionId: string): Promise<void> {
    try {
      await registry.releaseChannel(channelId, sessionId)
      if (unreleased.get(channelId) === sessionId) unreleased.delete(channelId)
    } catch {
      // Redis is away. The next `acquire` or `hold` of the channel tries again.
      unreleased.set(channelId, sessionId)
    }
  }

  return {
    release,
    /**
     * Repeats the release of an earlier claim if it failed. Redis executes it before commands that are sent
     * later.
     */
    releasePrevious(channelId: string): void {
      const previous = unreleased.get(channelId)
      if (previous !== undefined) void release(channelId, previous)
    },
  }
}

export type Claims = ReturnType<typeof createClaims>
