import type { LiveRegistry } from '../../core/contracts/live-registry.ts'
import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'

type Claimer = Pick<LiveRegistry, 'claimChannel' | 'holdChannel' | 'releaseChannel'>

/**
 * Who holds which channel: one claim in Redis decides between all ingests, before anybody is told that they may publish.
 * While Redis is away the sessions of this process decide, and whoever loses later ends with `taken_over`.
 */
export function createClaims(registry: Claimer) {
  /** Session by channel, of this process. */
  const held = new Map<string, string>()
  /** Claims that could not be released: session by channel. */
  const unreleased = new Map<string, string>()

  async function release(channelId: string, sessionId: string) {
    try {
      await registry.releaseChannel(channelId, sessionId)
      if (unreleased.get(channelId) === sessionId) unreleased.delete(channelId)
    } catch {
      // Known for as long as no other session of this process holds the channel.
      unreleased.set(channelId, sessionId)
    }
  }

  async function releaseFormer(channelId: string) {
    const former = unreleased.get(channelId)
    if (former !== undefined) await release(channelId, former)
  }

  return {
    /** Takes a channel for a session; false when it is busy. */
    async take({ channelId, takeover }: ChannelGrant, sessionId: string): Promise<boolean> {
      if (held.has(channelId) && !takeover) return false
      held.set(channelId, sessionId)
      try {
        await releaseFormer(channelId)
        const holder = await registry.claimChannel(channelId, sessionId, takeover)
        if (holder === sessionId) return true
        if (held.get(channelId) === sessionId) held.delete(channelId)
        return false
      } catch {
        return held.get(channelId) === sessionId
      }
    },

    /** Keeps a claim; false when another session has the channel. Rejects when Redis is away. */
    async hold(channelId: string, sessionId: string): Promise<boolean> {
      if (held.get(channelId) !== sessionId) return false
      await releaseFormer(channelId)
      return registry.holdChannel(channelId, sessionId)
    },

    async release(channelId: string, sessionId: string): Promise<void> {
      if (held.get(channelId) === sessionId) held.delete(channelId)
      await release(channelId, sessionId)
    },
  }
}

export type Claims = ReturnType<typeof createClaims>
