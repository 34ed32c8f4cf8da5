import { cpus } from 'node:os'
import type { monitorEventLoopDelay } from 'node:perf_hooks'
import { machineLoad } from '../../figures/machine-load.ts'
import { cpuSeconds, proportionalBytes } from '../../figures/process-figures.ts'
import { quantile } from '../../figures/statistics.ts'
import type { Stand } from '../architectures/architecture.ts'
import type { OriginCounts } from '../origin/request-counts.ts'
import type { Crowd } from './crowd.ts'
import { bytesOf, type GroupTime, type Sample, statesOf } from './samples.ts'

/** What the generator used of its core: on the whole, and in its busiest second; and how late it was, ms. */
export interface GeneratorFigures {
  cpu: number
  peakCpu: number
  lagP99Ms: number
  lagMaxMs: number
}

/** What is measured from the start of the curve on. */
export interface Measured {
  samples: readonly Sample[]
  times: Record<'insiders' | 'newcomers', GroupTime>
  /** Latencies to live of insiders and newcomers, ms, one for each viewer and second. */
  latencies: Record<'insiders' | 'newcomers', number[]>
  seconds: number
  requests: number
  bytes: number
  cpu: readonly { name: string; seconds: number; memoryBytes: number }[]
  origin: OriginCounts
  generator: GeneratorFigures
  /** Share of the machine that other programs used. */
  others: number
}

const total = (list: readonly number[]) => list.reduce((sum, each) => sum + each, 0)
const groups = ['insiders', 'newcomers'] as const

/** Returns a function that reads all counters. */
const counterReader =
  (crowd: Crowd, { servers }: Stand) =>
  () => ({
    at: performance.now(),
    ...crowd.totals,
    bytes: crowd.members.reduce((sum, { viewer }) => sum + bytesOf(viewer.figures), 0),
    servers: servers.map(({ pid }) => cpuSeconds(pid)),
    own: total(Object.values(process.cpuUsage())) / 1e6,
    // The viewers are on this thread, which has the core. Others of the process collect garbage elsewhere.
    thread: total(Object.values(process.threadCpuUsage())) / 1e6,
  })

/** Adds the latencies of all viewers who play. Returns those of both groups together, ms. */
function addLatencies({ members }: Crowd, latencies: Measured['latencies']): number[] {
  return members.flatMap(({ viewer, isInsider }) => {
    const ms = viewer.figures.phase === 'playing' ? viewer.latencyMs() : undefined
    if (ms === undefined) return []
    latencies[isInsider ? 'insiders' : 'newcomers'].push(ms)
    return [ms]
  })
}

/**
 * Watches a crowd and the servers from now on. `startsAt`: when the curve begins, ms of `performance.now()`.
 * `lag` measures the event loop of this process.
 */
export function createWatch(
  crowd: Crowd,
  stand: Stand,
  startsAt: number,
  lag: ReturnType<typeof monitorEventLoopDelay>,
) {
  const { servers, origin } = stand
  const now = counterReader(crowd, stand)
  const first = now()
  const load = machineLoad()
  const samples: Sample[] = []
  const times = { insiders: { playing: 0, stalled: 0 }, newcomers: { playing: 0, stalled: 0 } }
  const latencies: Measured['latencies'] = { insiders: [], newcomers: [] }
  const counts: OriginCounts = { requests: 0, versioned: 0, versions: 0, most: 0 }
  const lags: number[] = []
  const last = { look: first.at, second: first }

  async function second(states: ReturnType<typeof statesOf>) {
    const taken = await origin.takeCounts()
    const at = now()
    const seconds = (at.at - last.second.at) / 1000
    const rate = (key: 'requests' | 'errors' | 'bytes' | 'thread') => (at[key] - last.second[key]) / seconds
    counts.requests += taken.requests
    counts.versioned += taken.versioned
    counts.versions += taken.versions
    counts.most = Math.max(counts.most, taken.most)
    lags.push(lag.percentile(99) / 1e6)
    samples.push({
      at: (at.at - startsAt) / 1000,
      ...states,
      requests: rate('requests'),
      errors: rate('errors'),
      mbit: (rate('bytes') * 8) / 1e6,
      latencyMs: quantile(addLatencies(crowd, latencies), 0.5),
      serverCpu: (total(at.servers) - total(last.second.servers)) / seconds,
      generatorCpu: rate('thread'),
      lagMs: lag.max / 1e6,
      originRequests: taken.requests / seconds,
    })
    lag.reset()
    last.second = at
  }

  return {
    /** Notes the state of all viewers, and once a second everything else. */
    async look(isSecond: boolean) {
      const states = statesOf(crowd)
      const at = performance.now()
      const seconds = (at - last.look) / 1000
      last.look = at
      for (const group of groups) {
        times[group].playing += states[group].playing * seconds
        times[group].stalled += states[group].stalled * seconds
      }
      if (isSecond) await second(states)
    },
    end(): Measured {
      const end = now()
      const seconds = (end.at - first.at) / 1000
      const cpu = servers.map(({ name, pid }, index) => ({
        name,
        seconds: (end.servers[index] ?? 0) - (first.servers[index] ?? 0),
        memoryBytes: proportionalBytes(pid),
      }))
      const used = (total(cpu.map((each) => each.seconds)) + end.own - first.own) / seconds
      return {
        ...{ samples, times, latencies, seconds, cpu, origin: counts },
        requests: end.requests - first.requests,
        bytes: end.bytes - first.bytes,
        generator: {
          cpu: (end.thread - first.thread) / seconds,
          peakCpu: Math.max(...samples.map(({ generatorCpu }) => generatorCpu)),
          lagP99Ms: Math.max(...lags),
          lagMaxMs: Math.max(...samples.map(({ lagMs }) => lagMs)),
        },
        others: Math.max(0, load() - used / cpus().length),
      }
    },
  }
}
