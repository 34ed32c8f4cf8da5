import { join } from 'node:path'
import { startProcess } from './processes.ts'
import { makeTempDir } from './temp-dir.ts'

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
