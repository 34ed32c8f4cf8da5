import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Redis } from '../../core/process/redis.ts'
import { waitFor } from './wait-for.ts'

/**
 * A state in which Redis serves reads and refuses writes. `begin` resolves when it is reached, `end` when it
 * is over.
 */
export interface UnwritableState {
  name: string
  /** Kind of the trouble in the metric `nowcast_redis_trouble`. */
  kind: 'read_only' | 'out_of_memory' | 'disk_full'
  begin(redis: Redis): Promise<unknown>
  end(redis: Redis): Promise<unknown>
}

/**
 * Returns the path of the file that BGSAVE replaces. A directory with this path makes BGSAVE fail, as a full
 * disk does.
 */
async function dumpObstacle(redis: Redis): Promise<string> {
  const [, dir = ''] = (await redis.config('GET', 'dir')) as string[]
  return join(dir, 'dump.rdb')
}

const hasFailedToSave = async (redis: Redis) =>
  (await redis.info('persistence')).includes('rdb_last_bgsave_status:err')

export const unwritableStates: readonly UnwritableState[] = [
  {
    name: 'a replica that has lost its primary',
    kind: 'read_only',
    begin: (redis) => redis.replicaof('127.0.0.1', 1),
    end: (redis) => redis.replicaof('NO', 'ONE'),
  },
  {
    name: 'a primary that lacks replicas',
    kind: 'read_only',
    begin: (redis) => redis.config('SET', 'min-replicas-to-write', '1'),
    end: (redis) => redis.config('SET', 'min-replicas-to-write', '0'),
  },
  {
    name: 'out of memory',
    kind: 'out_of_memory',
    begin: (redis) => redis.config('SET', 'maxmemory', '1'),
    end: (redis) => redis.config('SET', 'maxmemory', '0'),
  },
  {
    name: 'disk full',
    kind: 'disk_full',
    async begin(redis) {
      mkdirSync(join(await dumpObstacle(redis), 'full'), { recursive: true })
      await redis.config('SET', 'save', '3600 1')
      await redis.bgsave()
      await waitFor('a failed save', () => hasFailedToSave(redis))
    },
    async end(redis) {
      await redis.config('SET', 'save', '')
      rmSync(await dumpObstacle(redis), { recursive: true, force: true })
    },
  },
]
