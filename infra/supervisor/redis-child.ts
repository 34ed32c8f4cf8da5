import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bracketed } from '../../core/contracts/public-place.ts'
import type { Log } from '../../core/process/log.ts'
import { programEnvironment } from '../../core/programs/environment.mjs'
import { claimPort } from '../instance/ports.ts'
import { type Child, endOf, killGroup } from './child.ts'

/** Address of the private Redis: a unix socket, or a port of a loopback address with a password. */
export type RedisAddress = { socket: string } | { host: string; port: number; password: string }

/** Maximum length of a unix socket's path, bytes. macOS allows 103, Linux 107. */
const maxSocketPathBytes = 100

/**
 * Returns a socket in the data dir; if its path is too long, a free port of `loopback` with a random
 * password.
 */
export async function chooseRedisAddress(dataDir: string, loopback: string): Promise<RedisAddress> {
  const socket = join(dataDir, 'redis', 'redis.sock')
  if (Buffer.byteLength(socket) <= maxSocketPathBytes) return { socket }
  return {
    host: loopback,
    port: await claimPort('private Redis', loopback, 0),
    password: randomBytes(24).toString('base64url'),
  }
}

/** Returns the value of REDIS_URL for the roles. */
export function redisUrlOf(address: RedisAddress): string {
  if ('socket' in address) return address.socket
  return `redis://:${address.password}@${bracketed(address.host)}:${address.port}`
}

/**
 * Shell script that runs redis-server and ends it when standard input closes. redis-server does not watch its
 * parent. Standard input is a pipe from the supervisor: it closes even when the supervisor is killed. The
 * first line of the input is the configuration, with `\n` between its lines.
 */
const redisScript = `
read -r config
exec 3<&0
printf '%b' "$config" | redis-server - 3<&- &
redis=$!
(cat <&3 >/dev/null; kill $redis 2>/dev/null) &
wait $redis
code=$?
kill $! 2>/dev/null
exit $code`

/** Starts the private Redis. It keeps its data, such as the session log, in the data dir. */
export function startRedis(dataDir: string, address: RedisAddress, log: Log): Child {
  const directory = join(dataDir, 'redis')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const child = spawn('sh', ['-c', redisScript], {
    cwd: directory,
    env: programEnvironment(process.env),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.on('error', () => {})
  // The configuration goes through standard input, so that the password is not in a command line.
  child.stdin.write(`${configOf(directory, address).join('\\n')}\n`)
  const ended = endOf(child)
  let lastLine = ''
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => {
        lastLine = textOf(line)
        log.debug(lastLine)
        if (/ready to accept connections/i.test(line)) resolve()
      })
    void ended.then((how) =>
      reject(new Error(`redis-server ended before it was ready (${how}): ${lastLine}`)),
    )
  })
  return {
    pid: child.pid ?? -1,
    ready,
    ended,
    stop: () => void child.stdin.end(),
    retire: () => void child.stdin.end(),
    kill: () => killGroup(child.pid),
  }
}

function configOf(directory: string, address: RedisAddress): string[] {
  const quoted = (path: string) => JSON.stringify(path).replaceAll('\\', '\\\\')
  const listener =
    'socket' in address
      ? ['port 0', `unixsocket ${quoted(address.socket)}`, 'unixsocketperm 700']
      : [`bind ${address.host}`, `port ${address.port}`, `requirepass ${address.password}`]
  return [
    ...listener,
    `dir ${quoted(directory)}`,
    'save ""',
    'appendonly yes',
    'appendfsync everysec',
    'maxmemory-policy noeviction',
    'daemonize no',
  ]
}

/** Removes the prefix of a log line, such as `1234:M 21 Nov 2026 01:02:03.004 # `. */
function textOf(line: string): string {
  return line.replace(/^\d+:\w \d+ \w+ \d+ [\d:.]+ \S /, '')
}
