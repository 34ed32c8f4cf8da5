import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { readMetric } from '../../../test/kit/metrics.ts'
import { writeResult } from '../../figures/result-file.ts'
import { leaveCore0ToServer, startBenchEdge } from '../../stand/edge-process.ts'
import type { CrowdStatistics } from './crowd-statistics.ts'
import { startLowLatencyOrigin } from './low-latency-origin.ts'
import { watchChannel } from './viewer.ts'

export type CrowdStand = Awaited<ReturnType<typeof startCrowdStand>>

/** Settings with which an edge admits every viewer, even if its core is busy. */
export const withoutOverloadControl = {
  NOWCAST_EDGE_OVERLOAD_DELAY_MS: '0',
  NOWCAST_EDGE_OVERLOAD_BUSY: '0',
}

/** Starts an edge on core 0. Its origin and its viewers are in this process, on core 1. */
export async function startCrowdStand(env: Record<string, string> = {}) {
  leaveCore0ToServer()
  const origin = await startLowLatencyOrigin()
  const edge = await startBenchEdge(origin.url, {
    NOWCAST_EDGE_MAX_CONNECTIONS_PER_ADDRESS: '0',
    ...env,
  })
  origin.begin(edge.base)
  const url = new URL(edge.url)
  let viewers = 0

  return {
    origin,
    edge,
    /**
     * Lets `count` viewers arrive within `ms`, and resolves when all have. They stay until the returned
     * function is called.
     */
    async gather(count: number, ms: number, statistics: CrowdStatistics): Promise<() => void> {
      const leaving = new AbortController()
      setMaxListeners(0, leaving.signal)
      const begin = performance.now()
      for (let index = 0; index < count; index += 1) {
        const earlyMs = begin + (index / count) * ms - performance.now()
        if (earlyMs > 1) await delay(earlyMs)
        viewers += 1
        void watchChannel({
          url,
          base: edge.base,
          origin,
          userAgent: `viewer-${viewers}`,
          statistics,
          signal: leaving.signal,
        })
      }
      return () => leaving.abort()
    },
    /** Returns the present value of the edge's metric `nowcast_edge_NAME`. */
    metric: (name: string) => readMetric(edge.url, `nowcast_edge_${name}`),
    async stop() {
      await edge.stop()
      await origin.stop()
    },
  }
}

/** Writes a result with the conditions of all crowd benches, and returns its text. */
export const writeCrowdResult = (name: string, title: string, table: string): string =>
  writeResult(name, title, table, 'edge on one core, its origin and its viewers on another')
