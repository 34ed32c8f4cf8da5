import { setTimeout as delay } from 'node:timers/promises'
import { connectHostile } from '../../test/kit/connections/hostile-client.ts'
import type { Script } from '../../test/kit/connections/states.ts'

/** Clients that keep their connections in the states of `scripts`, by one protocol at one port. */
export interface HostileKind {
  port: number
  /** Protocols to offer in TLS; undefined for TCP alone. */
  alpn?: readonly string[]
  scripts: readonly Script[]
}

export interface CrowdReport {
  connections: number
  /** Longest time for which a connection was kept, ms. */
  longestMs: number
  /** Number of connections that were kept for more than `maxMs`. */
  keptTooLong: number
}

export interface CrowdOptions {
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

/** Keeps crowds of silent and slow clients. Each connects again when the server has closed its connection. */
export async function keepHostileCrowds(
  kinds: readonly HostileKind[],
  { count, seconds, maxMs }: CrowdOptions,
): Promise<CrowdReport> {
  const report: CrowdReport = { connections: 0, longestMs: 0, keptTooLong: 0 }
  const end = performance.now() + seconds * 1000

  async function keepOne({ port, alpn, scripts }: HostileKind, number: number) {
    const localAddress = `127.0.1.${(number % addresses) + 1}`
    for (let turn = number; performance.now() < end; turn++) {
      await delay(Math.random() * maxPauseMs)
      const startedAt = performance.now()
      const client = await connectHostile(port, alpn, localAddress).catch(() => undefined)
      if (client === undefined) continue
      report.connections += 1
      const ended = new Promise<void>((resolve) => {
        for (const event of ['end', 'close', 'error']) client.socket.once(event, () => resolve())
      })
      void (async () => scripts[turn % scripts.length]?.(client))()
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

/** Returns the scripts of all states. */
export const scriptsOf = (states: Record<string, Record<string, Script>>): Script[] =>
  Object.values(states).flatMap((scripts) => Object.values(scripts))
