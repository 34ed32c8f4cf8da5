import { setTimeout as delay } from 'node:timers/promises'
import { readMetric } from '../../../test/kit/metrics.ts'
import type { SuiteResult } from '../../figures/figure-file.ts'
import { keepResult } from '../../figures/result-file.ts'
import type { Figure } from '../../figures/table.ts'
import { leaveCore0ToServer, startBenchEdge } from '../../stand/edge-process.ts'
import { createMediaRecord } from '../../viewer/media/media-record.ts'
import { createViewer } from '../../viewer/viewer.ts'
import type { ViewerKind } from '../../viewer/viewer-options.ts'
import { createConnections } from '../../viewer/wire/connections.ts'
import type { CrowdStatistics } from './crowd-statistics.ts'
import { type LowLatencyOrigin, startLowLatencyOrigin } from './low-latency-origin.ts'

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
  const record = createMediaRecord()
  let viewers = 0

  function open(statistics: CrowdStatistics, kind: ViewerKind) {
    viewers += 1
    // All viewers have the same address, so the edge distinguishes them by their ids in CMCD.
    const id = `viewer-${viewers}`
    const viewer = createViewer(
      {
        connect: (onDrop) => createConnections({ url, userAgent: id, onDrop }),
        record,
        onRequest: (requestKind) => statistics.noteSent(requestKind),
        onResponse: (requestKind, target, sentAt, error) =>
          statistics.note(requestKind, Math.max(sentAt, possibleAt(target, origin)), error),
      },
      { kind, isLowLatency: true, path: '/live/bench/index.m3u8', viewerId: id },
    )
    statistics.add(viewer.figures)
    viewer.start()
    return viewer
  }

  return {
    origin,
    edge,
    /**
     * Lets `count` viewers arrive within `ms`, and resolves when all have. They stay until the returned
     * function is called.
     */
    async gather(
      count: number,
      ms: number,
      statistics: CrowdStatistics,
      kind: ViewerKind = 'page',
    ): Promise<() => void> {
      const begin = performance.now()
      const gathered: ReturnType<typeof open>[] = []
      for (let index = 0; index < count; index += 1) {
        const earlyMs = begin + (index / count) * ms - performance.now()
        if (earlyMs > 1) await delay(earlyMs)
        gathered.push(open(statistics, kind))
      }
      return () => {
        for (const viewer of gathered) viewer.leave()
      }
    },
    /** Returns the present value of the edge's metric `nowcast_edge_NAME`. */
    metric: (name: string) => readMetric(edge.url, `nowcast_edge_${name}`),
    async stop() {
      await edge.stop()
      await origin.stop()
    },
  }
}

/** Writes a result with the conditions of all crowd benches, and returns it. */
export const writeCrowdResult = (name: string, title: string, figures: readonly Figure[]): SuiteResult =>
  keepResult(name, title, { figures }, 'edge on one core, its origin and its viewers on another')

const heldExpression = /_HLS_msn=(\d+)(?:&_HLS_part=(\d+))?/

/** Returns when the part or segment that a blocking reload names is made, ms; 0 for other requests. */
function possibleAt(target: string, { madeAt }: Pick<LowLatencyOrigin, 'madeAt'>): number {
  const [, msn, part] = heldExpression.exec(target) ?? []
  if (msn === undefined) return 0
  return madeAt(Number(msn), part === undefined ? undefined : Number(part))
}
