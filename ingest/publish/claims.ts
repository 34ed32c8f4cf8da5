import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'

/**
 * Creates the claims of this process: which session has which channel. A claim in Redis decides between all
 * ingests before a publisher is accepted. While Redis is away this process decides with its own sessions. A
 * session that loses the claim later ends with `taken_over`.
 */
export function createClaims(
  registry: Pick<LiveRegistry, 'claimChannel' | 'holdChannel' | 'releaseChannel'>,
) {
  /** Session id by channel id: the claims of this process. */
  const held = new Map<string, string>()
  /** Session id by channel id: claims that have ended here but could not be released in Redis. */
  const unreleased = new Map<string, string>()

  async function release(channelId: string, sessionId: string) {
    try {
      await registry.releaseChannel(channelId, sessionId)
      if (unreleased.get(channelId) === sessionId) unreleased.delete(channelId)
    } catch {
      // Redis is away. The next `acquire` or `hold` of the channel tries again.
      unreleased.set(channelId, sessionId)
    }
  }

  async function releasePrevious(channelId: string) {
    const previous = unreleased.get(channelId)
    if (previous !== undefined) await release(channelId, previous)
  }

  return {
    /**
     * Claims a channel for a session; with `takeover` even from another session. Returns false when another
     * session has the channel.
     */
    async acquire({ channelId, takeover }: ChannelGrant, sessionId: string): Promise<boolean> {
      if (held.has(channelId) && !takeover) return false
      held.set(channelId, sessionId)
      try {
        await releasePrevious(channelId)
        const holder = await registry.claimChannel(channelId, sessionId, takeover)
        if (holder === sessionId) return true
        if (held.get(channelId) === sessionId) held.delete(channelId)
        return false
      } catch {
        return held.get(channelId) === sessionId
      }
    },

    /** Keeps a claim. Returns false when another session has the channel. Rejects while Redis is away. */
    async hold(channelId: string, sessionId: string): Promise<boolean> {
      if (held.get(channelId) !== sessionId) return false
      await releasePrevious(channelId)
      return registry.holdChannel(channelId, sessionId)
    },

    async release(channelId: string, sessionId: string): Promise<void> {
      if (held.get(channelId) === sessionId) held.delete(channelId)
      await release(channelId, sessionId)
    },
  }
}

export type Claims = ReturnType<typeof createClaims>
