import type { LiveSession } from '../../core/contracts/live-records.ts'
import type { StopRequest } from '../../core/contracts/stop-requests.ts'
import { messageOf, NowcastError } from '../../core/process/errors.ts'
import type { Log } from '../../core/process/log.ts'
import { Problem } from '../http/problems.ts'
import type { RuleMirror } from '../playback/rule-mirror.ts'
import { isAway } from '../redis-away.ts'
import type { Channel } from '../store/channels.ts'
import type { GrantMirror } from './grant-mirror.ts'

export interface RevocationParts {
  mirror: Pick<GrantMirror, 'settle'>
  rules: Pick<RuleMirror, 'settle'>
  redis: { readonly status: string; ping(): Promise<unknown> }
  registry: { sessions(): Promise<LiveSession[]> }
  stops: { request(stop: StopRequest): Promise<void> }
  log: Log
}

type Keyed = Pick<Channel, 'id' | 'slug' | 'keyHash'>

export type Revocation = ReturnType<typeof createRevocation>

/**
 * Makes changes of keys hold at the ingests, and changes of who may watch at the edges. Giving may come late, taking may not: what cannot be revoked at once is
 * refused before anything is changed.
 */
export function createRevocation({ mirror, rules, redis, registry, stops, log }: RevocationParts) {
  async function orPending(work: () => Promise<void>) {
    try {
      await work()
    } catch (error) {
      log.warn({ err: messageOf(error) }, 'a revocation waits for redis')
      throw new Problem(
        'revocation_pending',
        'Redis went away meanwhile. The change is stored; what it forbids is refused as soon as Redis answers again',
        { cause: error, retryAfterSeconds: 2 },
      )
    }
  }

  return {
    /** Asks, before the store is changed, whether a revocation would hold now. @throws Problem `redis_unavailable` */
    async prepare(): Promise<void> {
      try {
        if (isAway(redis)) throw new NowcastError('unavailable', 'redis is away')
        await redis.ping()
      } catch (error) {
        throw new Problem(
          'redis_unavailable',
          'Nothing can be revoked while Redis is away; nothing was changed',
          {
            cause: error,
            retryAfterSeconds: 2,
          },
        )
      }
    },

    /** Revokes the key that a channel had before. @throws Problem `revocation_pending` */
    revoke: ({ id, keyHash }: Keyed) => orPending(() => mirror.settle(id, keyHash)),

    /** Revokes the key of a channel that may no longer be on air, and ends its session. @throws Problem `revocation_pending` */
    withdraw: ({ id, keyHash }: Keyed) =>
      orPending(async () => {
        await mirror.settle(id, keyHash)
        // Read after the key is gone: whoever slipped in before is in here, or is found by the reconciler.
        for (const { sessionId, channelId } of await registry.sessions())
          if (channelId === id) await stops.request({ sessionId, reason: 'channel_removed', detail: null })
      }),

    /** Lets edges refuse who may no longer watch. @throws Problem `revocation_pending` */
    closePlayback: () => orPending(() => rules.settle()),

    /** Lets edges know who may watch; while Redis is away that comes with its return. */
    openPlaybackSoon: async (): Promise<void> => {
      await rules.settle().catch((error) => {
        log.warn({ err: messageOf(error) }, 'who may watch is told once redis is back')
      })
    },

    /** Lets ingests know what a channel's key grants; while Redis is away that comes with its return. */
    async grantSoon({ id, slug, keyHash }: Keyed): Promise<void> {
      await mirror.settle(id, keyHash).catch((error) => {
        log.warn({ slug, err: messageOf(error) }, 'the stream key works once redis is back')
      })
    },
  }
}
