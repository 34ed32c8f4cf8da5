import { join } from 'node:path'
import { createLog } from '../../core/process/log.ts'
import { connectRedis, type Redis, redisReady } from '../../core/process/redis.ts'
import { startProcess } from './processes.ts'
import { makeTempDir } from './temp-dir.ts'
import { waitFor } from './wait-for.ts'

export interface TestRedis {
  /** Value for REDIS_URL: the path of a unix socket. */
  url: string
  pid: number
  /** Kills the server and starts an empty one at the same address. */
  restart(): Promise<void>
  /** Kills the server and keeps the address for `restart`. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** Starts a real, empty Redis for one test, in memory only, on a unix socket. */
export async function startRedis(): Promise<TestRedis> {
  const directory = makeTempDir()
  const socket = join(directory.path, 'redis.sock')
  const start = async () => {
    const server = startProcess('redis-server', [
      ...['--port', '0', '--bind', '127.0.0.1', '--unixsocket', socket, '--dir', directory.path],
      ...['--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction'],
    ])
    await server.line(/ready to accept connections/i)
    return server
  }
  let server = await start()
  const kill = async () => {
    await server.stop('SIGKILL')
  }
  return {
    url: socket,
    get pid() {
      return server.pid
    },
    kill,
    async restart() {
      await kill()
      server = await start()
    },
    async stop() {
      await kill()
      directory.remove()
    },
  }
}

/** Opens a connection for the test itself, as a role does; `whenAway` as in `connectRedis`. */
export async function connectToRedis(url: string, whenAway: 'wait' | 'fail' = 'fail'): Promise<Redis> {
  const redis = connectRedis({ url, log: createLog('test', 'silent'), purpose: 'test', whenAway })
  await redisReady(redis)
  return redis
}

/**
 * Waits for two GETs, from now on, of keys that contain `key`. A role that polls such a key has handled the
 * result of the first GET when it sends the second one.
 */
export async function untilPolled(url: string, key: string): Promise<void> {
  const redis = await connectToRedis(url, 'wait')
  const monitor = await redis.monitor()
  let reads = 0
  monitor.on('monitor', (_time, [command = '', name = '']: string[]) => {
    if (/^get$/i.test(command) && name.includes(key)) reads += 1
  })
  await waitFor(`two polls of ${key}`, () => reads >= 2)
  monitor.disconnect()
  redis.disconnect()
}

/** Waits until at least `count` connections subscribe to a pub/sub channel, for example after an outage. */
export async function untilSubscribed(url: string, channel: string, count: number): Promise<void> {
  const redis = await connectToRedis(url, 'wait')
  await waitFor(`${count} subscribers of ${channel}`, async () => {
    const [, subscribers] = (await redis.pubsub('NUMSUB', channel)) as [string, number]
    return Number(subscribers) >= count
  })
  redis.disconnect()
}
