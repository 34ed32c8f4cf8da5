import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { startProcess } from '../../../test/kit/processes.ts'
import { cpuSeconds } from '../../figures/process-figures.ts'
import { quantile } from '../../figures/statistics.ts'
import { createMediaRecord } from '../../viewer/media/media-record.ts'
import { createViewer } from '../../viewer/viewer.ts'
import type { Viewer } from '../../viewer/viewer-options.ts'
import { createConnections } from '../../viewer/wire/connections.ts'
import { nullServerFile } from './null-server.ts'

export type Mode = 'low-latency' | 'classic'

/** What a crowd of one size used and experienced. Shares are of a core. */
export interface NullStep {
  viewers: number
  requestsPerSecond: number
  /** CPU time of this thread, and that of the server. */
  usedCore: number
  serverCore: number
  /** Share of `usedCore` that the kernel used. */
  kernelShare: number
  /** Share of the time in which this thread had work but not its core, because of other programs. */
  heldShare: number
  /** CPU time of this thread for each viewer in each second, ms. */
  msPerViewerSecond: number
  /** 99th percentile of the delay of the event loop, ms. */
  lagMs: number
  joinP95Ms: number
  stalls: number
  /** Failed requests, faults and lost connections of all viewers so far. */
  failures: number
}

/** Share of the core above which the viewers limit the figures, not the server. */
export const maxUsedCore = 0.95
/** Number of viewers that join in a second. */
const arrivalsPerSecond = 500
/** Time that viewers have to join before they are measured, ms. */
const settleMs = 2000

/**
 * Starts a server without work on core 0. Viewers come when they are asked for: half of them hls.js, half the
 * watch page. `partBytes`: length of a part of video of 320 ms.
 */
export async function startNullCrowd(mode: Mode, partBytes: number) {
  const command = ['-c', '0', process.execPath, nullServerFile, mode, String(partBytes)]
  const server = startProcess('taskset', command)
  const viewers: Viewer[] = []
  const stop = async () => {
    for (const viewer of viewers) viewer.leave()
    await server.stop()
  }
  try {
    const port = /\d+/.exec(await server.line(/^port/))?.[0] ?? ''
    const url = new URL(`http://127.0.0.1:${port}`)
    const record = createMediaRecord()
    return {
      /** Lets viewers arrive until there are `count`. Resolves when they have had time to join. */
      async gather(count: number) {
        const begin = performance.now() - (viewers.length * 1000) / arrivalsPerSecond
        while (viewers.length < count) {
          const earlyMs = begin + (viewers.length * 1000) / arrivalsPerSecond - performance.now()
          if (earlyMs > 1) await delay(earlyMs)
          viewers.push(admit(viewers.length, url, record, mode))
        }
        await delay(settleMs)
      },
      measure: (seconds: number) => measure(viewers, server.pid, seconds),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function admit(index: number, url: URL, record: ReturnType<typeof createMediaRecord>, mode: Mode): Viewer {
  const viewer = createViewer(
    { connect: (onDrop) => createConnections({ url, userAgent: 'viewer', onDrop }), record },
    {
      kind: index % 2 === 0 ? 'plain' : 'page',
      isLowLatency: mode === 'low-latency',
      path: '/live/bench/index.m3u8',
      viewerId: `v${index}`,
    },
  )
  viewer.start()
  return viewer
}

async function measure(viewers: readonly Viewer[], serverPid: number, seconds: number): Promise<NullStep> {
  const sum = (of: (viewer: Viewer) => number) => viewers.reduce((total, viewer) => total + of(viewer), 0)
  const requests = () => sum(({ figures }) => Object.values(figures.requests).reduce((a, b) => a + b, 0))
  const stalls = () => sum(({ figures }) => figures.stalls)
  const count = (counts: ReadonlyMap<unknown, number>) => [...counts.values()].reduce((a, b) => a + b, 0)
  const before = { requests: requests(), stalls: stalls(), server: cpuSeconds(serverPid) }
  const lag = monitorEventLoopDelay({ resolution: 5 })
  const at = performance.now()
  const cpu = process.threadCpuUsage()
  const busy = performance.eventLoopUtilization()
  lag.enable()
  await delay(seconds * 1000)
  lag.disable()
  const { user, system } = process.threadCpuUsage(cpu)
  const { utilization } = performance.eventLoopUtilization(busy)
  const elapsedMs = performance.now() - at
  const usedMs = (user + system) / 1000
  return {
    viewers: viewers.length,
    requestsPerSecond: ((requests() - before.requests) * 1000) / elapsedMs,
    usedCore: usedMs / elapsedMs,
    serverCore: ((cpuSeconds(serverPid) - before.server) * 1000) / elapsedMs,
    kernelShare: system / (user + system),
    heldShare: Math.max(0, utilization - usedMs / elapsedMs),
    msPerViewerSecond: (usedMs * 1000) / elapsedMs / viewers.length,
    lagMs: lag.percentile(99) / 1e6,
    joinP95Ms: quantile(
      viewers.flatMap(({ figures }) => figures.joinMs ?? []),
      0.95,
    ),
    stalls: stalls() - before.stalls,
    failures: sum(({ figures }) => count(figures.errors) + count(figures.faults) + figures.drops),
  }
}

/**
 * Returns how many viewers one core bears by their CPU time in a step. It is a little too few: the larger a
 * crowd, the less each viewer costs.
 */
export const ceilingBy = ({ msPerViewerSecond }: NullStep): number =>
  Math.floor((1000 * maxUsedCore) / msPerViewerSecond)
