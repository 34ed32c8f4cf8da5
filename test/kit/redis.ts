import { join } from 'node:path'
import { startProcess } from './processes.ts'
import { makeTempDir } from './temp-dir.ts'

export interface TestRedis {
  /** What goes into REDIS_URL: the path of a unix socket. */
  url: string
  pid: number
  /** Ends the server without a goodbye and starts an empty one at the same place. */
  restart(): Promise<void>
  /** Ends the server and keeps the place for `restart`. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/** A real, empty Redis of one test, in memory only, reachable by a unix socket alone. */
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
