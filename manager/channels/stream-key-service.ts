import type { StreamKeyView } from '../../core/api/channel.ts'
import { hashStreamKey, newStreamKey } from '../../core/contracts/ids.ts'
import type { Log } from '../../core/process/log.ts'
import type { CoachTokens, KeyedChannel } from '../coach/coach-token.ts'
import { Problem } from '../http/problem.ts'
import type { HostHeader, PublicUrls } from '../http/public-urls.ts'
import type { Revocation } from '../mirrors/revocation.ts'
import type { StoredKey } from '../store/channel-record.ts'
import type { ChannelStore } from '../store/channels.ts'
import { findChannel } from './find-channel.ts'
import { type KeySeal, SealBroken } from './key-seal.ts'

export interface StreamKeyServiceDependencies {
  channels: Pick<ChannelStore, 'bySlug' | 'replaceKey'>
  seal: KeySeal
  revocation: Pick<Revocation, 'prepare' | 'revoke'>
  urls: Pick<PublicUrls, 'rtmpServer' | 'coach'>
  coachTokens: Pick<CoachTokens, 'tokenOf'>
  log: Log
}

export type StreamKeyService = ReturnType<typeof createStreamKeyService>

/**
 * Creates the operations of `/v1/channels/{slug}/stream-key`. Methods reject with a Problem, which becomes
 * the response. Any other error becomes a 500.
 */
export function createStreamKeyService(dependencies: StreamKeyServiceDependencies) {
  const { channels, seal, revocation, urls, coachTokens, log } = dependencies

  /**
   * Creates a stream key. The store gets two forms of it: its hash, by which ingests look it up, and the
   * sealed key, which `read` opens.
   */
  function newKey(channelId: string): { streamKey: string; storedKey: StoredKey } {
    const streamKey = newStreamKey()
    const keySealed = seal.seal(streamKey, channelId)
    return { streamKey, storedKey: { keyHash: hashStreamKey(streamKey), keySealed } }
  }

  const keyView = (channel: KeyedChannel, streamKey: string, host: HostHeader): StreamKeyView => ({
    streamKey,
    ingest: { server: urls.rtmpServer(host), key: streamKey },
    coach: urls.coach(coachTokens.tokenOf(channel), host),
  })

  return {
    newKey,
    keyView,

    /**
     * Returns the stream key of a channel.
     * @throws Problem `channel_not_found`. `key_unreadable` when the key was sealed with another cluster
     * secret, or modified
     */
    async read(slug: string, host: HostHeader): Promise<StreamKeyView> {
      const channel = await findChannel(channels, slug)
      try {
        return keyView(channel, seal.open(channel.keySealed, channel.id), host)
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error
        log.error({ slug }, 'a stream key was sealed with another cluster secret')
        throw new Problem(
          'key_unreadable',
          'It was sealed with another cluster secret. Publishing with it still works. To see it, start the manager with the previous NOWCAST_CLUSTER_SECRET, or create a new key with POST',
          { cause: error },
        )
      }
    },

    /**
     * Replaces the key. Publishers can no longer connect with the previous one, but a publish in progress
     * continues.
     * @throws Problem `channel_not_found`. `redis_unavailable`, with nothing changed, when Redis is away.
     * `channel_changed` when another request deleted the channel or replaced its key first.
     * `revocation_pending` when Redis goes away after the change was stored
     */
    async rotate(slug: string, host: HostHeader): Promise<StreamKeyView> {
      const previous = await findChannel(channels, slug)
      await revocation.prepare()
      const { streamKey, storedKey } = newKey(previous.id)
      const channel = await channels.replaceKey(previous.id, previous.keyHash, storedKey, Date.now())
      if (!channel) throw new Problem('channel_changed', 'It was deleted or got another key at the same time')
      log.info({ slug }, 'stream key replaced')
      await revocation.revoke(previous)
      return keyView(channel, streamKey, host)
    },
  }
}
