import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import type { Log } from '../../core/process/log.ts'
import { type Channel, grantOf } from '../store/channel-record.ts'
import { createMirror, type MirrorRedis } from './mirror.ts'

/** The channels in the store, which Redis must agree with. */
interface GrantSource {
  byId(id: string): Promise<Channel | undefined>
  grants(): Promise<Map<string, ChannelGrant>>
  grantsVersion(): Promise<string | undefined>
}

/** The copy in Redis, in which ingests look up keys by their hash. */
interface GrantTarget {
  put(keyHash: string, grant: ChannelGrant, formerHash?: string): Promise<void>
  remove(keyHash: string): Promise<void>
  replaceAll(grants: ReadonlyMap<string, ChannelGrant>): Promise<void>
}

export type GrantMirror = ReturnType<typeof createGrantMirror>

/** Keeps a copy in Redis of what each stream key grants. */
export function createGrantMirror(source: GrantSource, target: GrantTarget, redis: MirrorRedis, log: Log) {
  const mirror = createMirror({
    what: 'stream keys',
    version: source.grantsVersion,
    writeAll: async () => target.replaceAll(await source.grants()),
    redis,
    log,
  })

  /**
   * Writes one channel, then reads it again. If the store changed meanwhile, for example by another manager,
   * the newer state is written too, so an old state is never written last. `keyHash` is that of the key
   * before the change.
   */
  async function writeChannel(channelId: string, keyHash: string) {
    let previousHash = keyHash
    let channel = await source.byId(channelId)
    for (;;) {
      const currentHash = channel?.keyHash ?? previousHash
      if (channel?.enabled) await target.put(currentHash, grantOf(channel), previousHash)
      else for (const hash of new Set([previousHash, currentHash])) await target.remove(hash)
      const written = JSON.stringify(channel)
      previousHash = currentHash
      channel = await source.byId(channelId)
      if (JSON.stringify(channel) === written) return
    }
  }

  return {
    /**
     * Makes Redis agree with the store about one channel. `previousHash` is the hash of the key that the
     * channel had before the change. Rejects when Redis is away or fails.
     */
    settle: (channelId: string, previousHash: string) =>
      mirror.write(() => writeChannel(channelId, previousHash)),
    close: mirror.close,
  }
}
