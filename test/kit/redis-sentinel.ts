import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { closeRedis, type Redis } from '../../core/process/redis.ts'
import { freePorts } from './ports.ts'
import { startProcess, type TestProcess } from './processes.ts'
import { connectToRedis } from './redis.ts'
import { makeTempDir } from './temp-dir.ts'
import { waitFor } from './wait-for.ts'

const name = 'show'
const password = 'a-password-of-redis-for-this-test'

export type SentinelRedis = Awaited<ReturnType<typeof startSentinelRedis>>

/**
 * Starts a primary with a replica, and one sentinel that watches both. It makes the replica the primary a
 * second after the primary has disappeared.
 */
export async function startSentinelRedis() {
  const directory = makeTempDir()
  const [first = 0, second = 0, sentinelPort = 0] = await freePorts(3)
  const processes: TestProcess[] = []
  let replica: Redis | undefined

  async function start(args: readonly string[], ready: RegExp): Promise<TestProcess> {
    const server = startProcess('redis-server', args)
    processes.push(server)
    await server.line(ready)
    return server
  }
  const startServer = (port: number, more: readonly string[] = []) =>
    start(
      [
        ...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory.path],
        ...[
          '--dbfilename',
          `${port}.rdb`,
          '--save',
          '',
          '--appendonly',
          'no',
          '--repl-diskless-sync-delay',
          '0',
        ],
        ...['--requirepass', password, '--masterauth', password, ...more],
      ],
      /ready to accept connections/i,
    )
  async function stop() {
    if (replica !== undefined) closeRedis(replica)
    await Promise.all(processes.map((each) => each.stop('SIGKILL')))
    directory.remove()
  }

  try {
    const primary = await startServer(first)
    await startServer(second, ['--replicaof', '127.0.0.1', String(first)])
    const follower = await connectToRedis(`redis://:${password}@127.0.0.1:${second}`, 'wait')
    replica = follower
    await waitFor('the replica to follow', async () =>
      (await follower.info('replication')).includes('master_link_status:up'),
    )
    const config = join(directory.path, 'sentinel.conf')
    writeFileSync(
      config,
      [
        `port ${sentinelPort}`,
        'bind 127.0.0.1',
        `dir ${directory.path}`,
        `sentinel monitor ${name} 127.0.0.1 ${first} 1`,
        `sentinel auth-pass ${name} ${password}`,
        `sentinel down-after-milliseconds ${name} 1000`,
        `sentinel failover-timeout ${name} 5000`,
        '',
      ].join('\n'),
    )
    const sentinel = await start([config, '--sentinel'], /\+slave slave /)
    return {
      /** Value for REDIS_URL. */
      url: `redis+sentinel://:${password}@127.0.0.1:${sentinelPort}/${name}`,
      /** A connection to the server that is the replica at first. */
      replica: follower,
      killPrimary: () => primary.stop('SIGKILL'),
      freezePrimary: () => primary.kill('SIGSTOP'),
      /** Resolves when the sentinel has made the replica the primary. */
      untilFailedOver: () => sentinel.line(/\+switch-master/, 30_000),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
