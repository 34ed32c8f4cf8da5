import type { ChannelGrant } from '../../core/contracts/publish-grants.ts'
import { messageOf, NowcastError } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { isAway } from '../redis-away.ts'
import { type Channel, grantOf } from '../store/channels.ts'

/** What the mirror reads: the truth. */
interface GrantSource {
  byId(id: string): Promise<Channel | undefined>
  grants(): Promise<Map<string, ChannelGrant>>
  grantsVersion(): Promise<string | undefined>
}

/** Where ingest looks keys up. */
interface GrantTarget {
  put(keyHash: string, grant: ChannelGrant, formerHash?: string): Promise<void>
  remove(keyHash: string): Promise<void>
  replaceAll(grants: ReadonlyMap<string, ChannelGrant>): Promise<void>
}

/** The connection of the target. */
interface MirrorRedis {
  readonly status: string
  on(event: 'ready', listener: () => void): unknown
}

/** A sync that failed is tried again after this time, ms. */
const retryMs = 1000

export type GrantMirror = ReturnType<typeof createGrantMirror>

/**
 * Keeps the hashes in Redis as the store has them. Every write is of what the store says at that moment, one after the
 * other, and is looked at again afterwards: late or repeated writes, also of other managers, cannot bring an old key back.
 * It begins at once, or as soon as Redis is there.
 */
export function createGrantMirror(source: GrantSource, target: GrantTarget, redis: MirrorRedis, log: Log) {
  let queue: Promise<void> = Promise.resolve()
  let retry: NodeJS.Timeout | undefined
  let closed = false

  /** One write at a time; whatever fails is healed by a whole sync later. */
  function enqueue(write: () => Promise<void>): Promise<void> {
    const result = queue.then(async () => {
      try {
        if (isAway(redis)) throw new NowcastError('unavailable', 'redis is away')
        await write()
      } catch (error) {
        clearTimeout(retry)
        if (!closed) retry = setTimeout(() => void sync().catch(() => {}), retryMs)
        throw error
      }
    })
    queue = result.catch(() => {})
    return result
  }

  async function writeAll() {
    let version: string | undefined
    do {
      version = await source.grantsVersion()
      await target.replaceAll(await source.grants())
    } while (version !== (await source.grantsVersion()))
    clearTimeout(retry)
    log.debug('stream keys mirrored')
  }

  async function writeOne(channelId: string, hash: string) {
    let formerHash = hash
    let channel = await source.byId(channelId)
    for (;;) {
      if (channel?.enabled) await target.put(channel.keyHash, grantOf(channel), formerHash)
      else for (const gone of new Set([formerHash, channel?.keyHash ?? formerHash])) await target.remove(gone)
      const written = JSON.stringify(channel)
      formerHash = channel?.keyHash ?? formerHash
      channel = await source.byId(channelId)
      if (JSON.stringify(channel) === written) return
    }
  }

  /** Writes all grants anew: at the start and whenever Redis comes back. What fails is tried again. */
  const sync = () =>
    enqueue(async () => {
      if (!closed) await writeAll()
    })

  const heal = () =>
    void sync().catch((error) => log.warn({ err: messageOf(error) }, 'stream keys not mirrored yet'))
  redis.on('ready', heal)
  if (redis.status === 'ready') heal()

  return {
    /** Makes Redis agree with the store about one channel; `formerHash` is the key it had before. Rejects when Redis is away. */
    settle: (channelId: string, formerHash: string) => enqueue(() => writeOne(channelId, formerHash)),

    async close(): Promise<void> {
      closed = true
      clearTimeout(retry)
      await queue
    },
  }
}
