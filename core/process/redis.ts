import { Redis } from 'ioredis'
import { NowcastError } from './errors.ts'
import type { Log } from './log.ts'
import { sentinelOptions } from './redis-address.ts'

export type { Redis } from 'ioredis'

/** Prefix of every key and pub/sub channel, so that other programs can use the same Redis. */
export const redisPrefix = 'nowcast:'

export interface RedisOptions {
  /** `redis://…`, `rediss://…`, the path of a unix socket, or sentinels: see `sentinelOptions`. */
  url: string
  log: Log
  /** Name of the connection in log lines and, after `nowcast-`, in the client list of Redis. */
  purpose: string
  /**
   * What happens to a command while Redis is away. `wait`: it is queued, for BullMQ, subscriptions and
   * blocking reads. `fail`: it is rejected within 3 s; a Redis that takes 2 s to respond still works.
   */
  whenAway: 'wait' | 'fail'
  /**
   * Whether the commands of one turn of the event loop are sent in one write. This is cheaper for many small
   * commands, but `multi` and `pipeline` overtake single commands of the same turn.
   */
  batched?: boolean
}

/** Maximum time for the response to a command of a connection with `whenAway: 'fail'`, ms. */
const commandTimeout = 3000
/**
 * Maximum time without data from Redis after a command was sent, ms. The connection is then opened again. If
 * its peer has disappeared, TCP alone would notice this after a quarter of an hour. The time is longer than
 * that of blocking commands, which is 10 s at most.
 */
const socketTimeout = 15_000

/**
 * Connects to Redis, and reconnects soon after an outage: the next attempt begins at most 1 s after one that
 * failed.
 */
export function connectRedis({ url, log, purpose, whenAway, batched = false }: RedisOptions): Redis {
  const options = {
    retryStrategy: (attempt: number) => Math.min(100 * attempt, 1000),
    maxRetriesPerRequest: whenAway === 'wait' ? null : 1,
    ...(whenAway === 'fail' ? { commandTimeout } : {}),
    socketTimeout,
    enableAutoPipelining: batched,
    connectTimeout: 3000,
    connectionName: `nowcast-${purpose}`,
  }
  const sentinels = sentinelOptions(url)
  const redis = lasting(sentinels ? new Redis({ ...sentinels, ...options }) : new Redis(url, options))
  let away = false
  redis.on('error', (error: Error) => {
    if (!away) log.warn({ purpose, err: error.message }, 'redis is away')
    away = true
  })
  redis.on('ready', () => {
    if (away) log.info({ purpose }, 'redis is back')
    away = false
  })
  return redis
}

/** Time from the end of a connection to its next start, ms. */
const restartMs = 500

type Subscribe = (...channels: (string | string[])[]) => Promise<unknown>

/**
 * Makes a connection, and its duplicates, end only when the owner closes them. A connection of ioredis also
 * ends when the sentinels report a new primary while it looks for one: its detector of failovers then closes
 * it. It would never connect again, and all its commands would fail.
 */
function lasting(redis: Redis): Redis {
  const [disconnect, quit, duplicate] = [redis.disconnect, redis.quit, redis.duplicate]
  const subscribe = redis.subscribe as Subscribe
  const channels = new Set<string>()
  let [isClosed, hasEnded] = [false, false]

  redis.disconnect = (reconnect = false) => {
    if (!reconnect) isClosed = true
    disconnect.call(redis, reconnect)
  }
  redis.quit = (...args: []) => {
    isClosed = true
    return quit.apply(redis, args)
  }
  // BullMQ duplicates the connections that it is given.
  redis.duplicate = (...args) => lasting(duplicate.apply(redis, args))

  redis.subscribe = ((...names) => {
    for (const name of names.flat()) channels.add(name)
    const subscribed = subscribe.apply(redis, names)
    // ioredis subscribes again after a reconnect, and awaits nothing. A rejection would end the process.
    subscribed.catch(() => {})
    return subscribed
  }) as Subscribe as Redis['subscribe']

  redis.on('ready', () => {
    // ioredis forgets the subscriptions of a connection that has ended.
    if (hasEnded && channels.size > 0) void redis.subscribe(...channels)
    hasEnded = false
  })
  redis.on('end', () => {
    const restart = () => {
      // When it fails, the connection ends again.
      if (!isClosed && redis.status === 'end') redis.connect().catch(() => {})
    }
    hasEnded = true
    if (!isClosed) setTimeout(restart, restartMs)
  })
  return redis
}

/** Waits until a connection can send commands. @throws NowcastError `unavailable` after `timeoutMs` */
export async function redisReady(redis: Redis, timeoutMs = 10_000): Promise<void> {
  if (redis.status === 'ready') return
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      redis.off('ready', onReady)
      reject(new NowcastError('unavailable', `redis did not answer within ${timeoutMs} ms`))
    }, timeoutMs)
    const onReady = () => {
      clearTimeout(timer)
      resolve()
    }
    redis.once('ready', onReady)
  })
}

/** Closes a connection at once. A graceful QUIT would wait for Redis, which may be away. */
export function closeRedis(redis: Redis): void {
  redis.disconnect()
}
