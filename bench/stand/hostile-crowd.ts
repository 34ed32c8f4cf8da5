import { setTimeout as delay } from 'node:timers/promises'
import { connectHostile } from '../../test/kit/connections/hostile-client.ts'
import { rtmpStates } from '../../test/kit/connections/rtmp-states.ts'
import {
  http1States,
  http2States,
  type Script,
  tlsHandshakeStates,
} from '../../test/kit/connections/states.ts'
import { startProcess } from '../../test/kit/processes.ts'

const scriptsOf = (states: Record<string, Record<string, Script>>): Script[] =>
  Object.values(states).flatMap((scripts) => Object.values(scripts))

/** Scripts that bring a client into a state, by protocol. Those of RTMP do without publishes. */
const scripts = {
  tls: Object.values(tlsHandshakeStates),
  http1: scriptsOf(http1States),
  http2: scriptsOf(http2States),
  rtmp: scriptsOf({ ...rtmpStates, idleMs: {}, responseMs: {} }),
}

/** Clients that keep their connections in the states of a protocol, at one port. */
interface HostileKind {
  port: number
  states: keyof typeof scripts
  /** Protocols to offer in TLS; undefined for TCP alone. */
  alpn?: readonly string[]
}

interface CrowdReport {
  connections: number
  /** Longest time for which a connection was kept, ms. */
  longestMs: number
  /** Number of connections that were kept for more than `maxMs`. */
  keptTooLong: number
}

interface CrowdOptions {
  /** Number of clients of each kind. */
  count: number
  seconds: number
  /** Longest time for which a server may keep one of these connections, ms. */
  maxMs: number
}

/** Time after which a client connects again, ms, at most. */
const maxPauseMs = 400
/** Number of addresses of this machine from which the clients connect. */
const addresses = 64
const thisFile = import.meta.filename

/**
 * Keeps crowds of silent and slow clients. Each connects again when the server has closed its connection.
 * They are in a process of their own with a low priority, so that they hold up nothing but the server.
 */
export async function keepHostileCrowds(
  kinds: readonly HostileKind[],
  options: CrowdOptions,
): Promise<CrowdReport> {
  const crowds = startProcess('nice', [
    '-n',
    '10',
    process.execPath,
    thisFile,
    JSON.stringify({ kinds, options }),
  ])
  try {
    const line = await crowds.line(/^\{"connections"/, (options.seconds + 30) * 1000 + options.maxMs)
    return JSON.parse(line)
  } finally {
    await crowds.stop('SIGKILL')
  }
}

async function runCrowds(kinds: readonly HostileKind[], { count, seconds, maxMs }: CrowdOptions) {
  const report: CrowdReport = { connections: 0, longestMs: 0, keptTooLong: 0 }
  const end = performance.now() + seconds * 1000

  async function keepOne({ port, alpn, states }: HostileKind, number: number) {
    const localAddress = `127.0.1.${(number % addresses) + 1}`
    const known = scripts[states]
    for (let turn = number; performance.now() < end; turn++) {
      await delay(Math.random() * maxPauseMs)
      const startedAt = performance.now()
      const client = await connectHostile(port, alpn, localAddress).catch(() => undefined)
      if (client === undefined) continue
      report.connections += 1
      const ended = new Promise<void>((resolve) => {
        for (const event of ['end', 'close', 'error']) client.socket.once(event, () => resolve())
      })
      void (async () => known[turn % known.length]?.(client))()
      // A client that does not read does not notice the end, so it leaves at the limit and does not count.
      const isLate = await Promise.race([ended.then(() => false), delay(maxMs, true)])
      const keptMs = performance.now() - startedAt
      if (isLate && !client.socket.isPaused()) report.keptTooLong += 1
      if (!client.socket.isPaused()) report.longestMs = Math.max(report.longestMs, keptMs)
      client.socket.destroy()
    }
  }

  await Promise.all(kinds.flatMap((kind) => Array.from({ length: count }, (_, n) => keepOne(kind, n))))
  return report
}

if (process.argv[1] === thisFile) {
  const { kinds, options } = JSON.parse(process.argv[2] ?? '')
  console.log(JSON.stringify(await runCrowds(kinds, options)))
}
