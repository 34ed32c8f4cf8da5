import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { StopRequest } from '../../core/contracts/stop-requests.ts'
import { messageOf, NowcastError } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { Problem } from '../http/problem.ts'
import type { Channel } from '../store/channel-record.ts'
import type { GrantMirror } from './grant-mirror.ts'
import { isAway } from './mirror.ts'
import type { RuleMirror } from './rule-mirror.ts'

export interface RevocationDependencies {
  grants: Pick<GrantMirror, 'settle'>
  rules: Pick<RuleMirror, 'settle'>
  redis: { readonly status: string; ping(): Promise<unknown> }
  registry: { sessions(): Promise<LiveSession[]> }
  stops: { request(stop: StopRequest): Promise<void> }
  log: Log
}

type KeyedChannel = Pick<Channel, 'id' | 'slug' | 'keyHash'>

export type Revocation = ReturnType<typeof createRevocation>

/**
 * Carries changes of stream keys to the ingests, and changes of playback rules to the edges. A permission may
 * take effect late. A revocation may not: while Redis is away it is refused before the store is changed.
 */
export function createRevocation(dependencies: RevocationDependencies) {
  const { grants, rules, redis, registry, stops, log } = dependencies

  async function orPending(work: () => Promise<void>) {
    try {
      await work()
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'revocation delayed until redis is back')
      throw new Problem(
        'revocation_pending',
        'Redis became unavailable. The change is stored and takes effect as soon as Redis is back',
        { cause: error, retryAfterSeconds: 2 },
      )
    }
  }

  return {
    /**
     * Checks, before the store is changed, whether a revocation would take effect at once.
     * @throws Problem `redis_unavailable`
     */
    async prepare(): Promise<void> {
      try {
        if (isAway(redis)) throw new NowcastError('unavailable', 'redis is away')
        await redis.ping()
      } catch (error) {
        throw new Problem(
          'redis_unavailable',
          'Nothing can be revoked while Redis is unavailable; nothing was changed',
          { cause: error, retryAfterSeconds: 2 },
        )
      }
    },

    /** Makes ingests refuse the key that the channel had until now. @throws Problem `revocation_pending` */
    revoke: ({ id, keyHash }: KeyedChannel) => orPending(() => grants.settle(id, keyHash)),

    /**
     * Makes ingests refuse the key of a channel that was disabled or removed, and end its session.
     * @throws Problem `revocation_pending`
     */
    withdraw: ({ id, keyHash }: KeyedChannel) =>
      orPending(async () => {
        await grants.settle(id, keyHash)
        // Sessions are read after the key is revoked. A publisher that was admitted just before is in this
        // list, or the reconciler finds it later.
        for (const { sessionId, channelId } of await registry.sessions())
          if (channelId === id) await stops.request({ sessionId, reason: 'channel_removed', detail: null })
      }),

    /** Writes stricter playback rules. Resolves when Redis has them. @throws Problem `revocation_pending` */
    closePlayback: () => orPending(() => rules.settle()),

    /** Writes laxer playback rules. Never rejects: while Redis is away, they take effect on its return. */
    async openPlaybackSoon(): Promise<void> {
      await rules.settle().catch((error) => {
        log.warn({ err: messageOf(error) }, 'playback rules take effect once redis is back')
      })
    },

    /**
     * Lets ingests accept the channel's key. Never rejects: while Redis is away, the key works on its return.
     */
    async grantSoon({ id, slug, keyHash }: KeyedChannel): Promise<void> {
      await grants.settle(id, keyHash).catch((error) => {
        log.warn({ slug, err: messageOf(error) }, 'the stream key works once redis is back')
      })
    },
  }
}
