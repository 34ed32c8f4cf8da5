import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Log } from '../core/process/log.ts'
import { type Child, endOf, killGroup } from './child.ts'
import { claimPort } from './port-check.ts'

/** Where the private Redis is to be reached: a unix socket, or a loopback port with a password. */
export type RedisPlace = { socket: string } | { port: number; password: string }

/** Longest path of a unix socket that all systems take, bytes. */
const longestSocketPath = 100

/** Where a data dir's Redis shall listen: at a socket in it unless its path is too long. */
export async function placeRedis(dataDir: string): Promise<RedisPlace> {
  const socket = join(dataDir, 'redis', 'redis.sock')
  if (Buffer.byteLength(socket) <= longestSocketPath) return { socket }
  return {
    port: await claimPort('private Redis', '127.0.0.1', 0),
    password: randomBytes(24).toString('base64url'),
  }
}

/** What goes into REDIS_URL. */
export function redisUrlOf(place: RedisPlace): string {
  return 'socket' in place ? place.socket : `redis://:${place.password}@127.0.0.1:${place.port}`
}

/**
 * redis-server knows nothing of its parent, so this shell ends it when its standard input, a pipe held by the
 * supervisor, is closed: that happens even when the supervisor is killed. The first line is the configuration.
 */
const shell = `
read -r config
exec 3<&0
printf '%b' "$config" | redis-server - 3<&- &
redis=$!
(cat <&3 >/dev/null; kill $redis 2>/dev/null) &
wait $redis
code=$?
kill $! 2>/dev/null
exit $code`

/** Starts the private Redis. Its data (queue, session log, stream-key hashes) outlives it in the data dir. */
export function startRedis(dataDir: string, place: RedisPlace, log: Log): Child {
  const directory = join(dataDir, 'redis')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const child = spawn('sh', ['-c', shell], {
    cwd: directory,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {})
  // By standard input, so that the password is in no command line.
  child.stdin.write(`${configOf(directory, place).join('\\n')}\n`)
  const ended = endOf(child)
  let last = ''
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        last = textOf(line)
        log.debug(last)
        if (/ready to accept connections/i.test(line)) resolve()
      })
    void ended.then((how) => reject(new Error(`redis-server ended before it was ready (${how}): ${last}`)))
  })
  return {
    pid: child.pid ?? -1,
    ready,
    ended,
    stop: () => void child.stdin.end(),
    kill: () => killGroup(child.pid),
  }
}

function configOf(directory: string, place: RedisPlace): string[] {
  const quoted = (path: string) => JSON.stringify(path).replaceAll('\\', '\\\\')
  const listener =
    'socket' in place
      ? ['port 0', `unixsocket ${quoted(place.socket)}`, 'unixsocketperm 700']
      : [`port ${place.port}`, `requirepass ${place.password}`]
  return [
    'bind 127.0.0.1',
    ...listener,
    `dir ${quoted(directory)}`,
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    'daemonize no',
  ]
}

/** Without process id and time: `1234:M 21 Nov 2026 01:02:03.004 # …`. */
function textOf(line: string): string {
  return line.replace(/^\d+:\w \d+ \w+ \d+ [\d:.]+ \S /, '')
}
