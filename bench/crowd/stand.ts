import { execFileSync } from 'node:child_process'
import { setMaxListeners } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { startEdgeProcess } from '../edge-vs-nginx/contenders.ts'
import { startShowOrigin } from './show-origin.ts'
import type { Tally } from './tally.ts'
import { watchShow } from './viewer.ts'

export type Stand = Awaited<ReturnType<typeof startStand>>

/** Nothing is done about the load. */
export const withoutAdmission = {
  NOWCAST_EDGE_OVERLOAD_DELAY_MS: '0',
  NOWCAST_EDGE_OVERLOAD_BUSY: '0',
}

/** An edge on core 0, and on core 1, in this process, its origin and its viewers. */
export async function startStand(env: NodeJS.ProcessEnv = {}) {
  execFileSync('taskset', ['-cp', '1', String(process.pid)])
  const origin = await startShowOrigin()
  const edge = await startEdgeProcess(origin.url, {
    NOWCAST_EDGE_MAX_CONNECTIONS_PER_ADDRESS: '0',
    ...env,
  })
  origin.begin(edge.base)
  const url = new URL(edge.url)
  let viewers = 0

  return {
    origin,
    edge,
    /** Lets `count` viewers come over `ms`; they stay until the returned function is called. */
    async gather(count: number, ms: number, tally: Tally): Promise<() => void> {
      const leaving = new AbortController()
      setMaxListeners(0, leaving.signal)
      const begin = performance.now()
      for (let index = 0; index < count; index += 1) {
        const early = begin + (index / count) * ms - performance.now()
        if (early > 1) await delay(early)
        viewers += 1
        const who = { userAgent: `viewer-${viewers}`, signal: leaving.signal, tally }
        void watchShow({ url, base: edge.base, origin, ...who })
      }
      return () => leaving.abort()
    },
    /** A figure of the edge as it is now. */
    async metric(name: string): Promise<number> {
      const text = await (await fetch(`${edge.url}/metrics`)).text()
      const line = text.split('\n').find((each) => each.startsWith(`nowcast_edge_${name}{`))
      return Number(line?.split(' ').at(-1))
    },
    async stop() {
      await edge.stop()
      await origin.stop()
    },
  }
}

/** Writes a table into bench/results too, with what it was measured on. */
export function keepResult(name: string, title: string, table: string): string {
  const text = `${table}\n\n${cpus()[0]?.model}, Node ${process.version}; edge on one core, its origin and its viewers on another`
  mkdirSync('bench/results', { recursive: true })
  writeFileSync(`bench/results/${name}.md`, `# ${title}\n\n${text}\n`)
  return text
}
