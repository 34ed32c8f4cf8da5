import { cpus } from 'node:os'
import type { monitorEventLoopDelay } from 'node:perf_hooks'
import { machineLoad, stolenShare } from '../../figures/machine-load.ts'
import { cpuSeconds, proportionalBytes } from '../../figures/process-figures.ts'
import { highest, quantile } from '../../figures/statistics.ts'
import type { RequestError } from '../../viewer/figures.ts'
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
  /** `emptyBytes`: memory before the first viewer. */
  cpu: readonly { name: string; seconds: number; memoryBytes: number; emptyBytes: number }[]
  origin: OriginCounts
  generator: GeneratorFigures
  /** Share of the machine that other programs used, and that the host took from this machine. */
  others: number
  stolen: number
}

const total = (list: readonly number[]) => list.reduce((sum, each) => sum + each, 0)
const groups = ['insiders', 'newcomers'] as const
const noCounts = { requests: 0, versioned: 0, versions: 0, most: 0, bytes: 0 }

/** Returns a function that reads all counters. */
const counterReader =
  (crowd: Crowd, { servers }: Stand) =>
  () => ({
    at: performance.now(),
    ...crowd.totals,
    errorKinds: new Map(crowd.errors),
    joins: crowd.members.filter(({ viewer }) => viewer.figures.joinMs !== undefined).length,
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

function addCounts(sums: OriginCounts, { requests, versioned, versions, bytes, most }: OriginCounts): void {
  sums.requests += requests
  sums.versioned += versioned
  sums.versions += versions
  sums.bytes += bytes
  sums.most = Math.max(sums.most, most)
}

type ErrorCounts = ReadonlyMap<RequestError, number>

const newErrors = (before: ErrorCounts, now: ErrorCounts): Record<string, number> =>
  Object.fromEntries(
    [...now]
      .map(([kind, count]) => [kind, count - (before.get(kind) ?? 0)] as const)
      .filter(([, count]) => count > 0),
  )

type Counters = ReturnType<ReturnType<typeof counterReader>>

/** Returns what changed between two states of the counters, for each second. */
function ratesOf(servers: Stand['servers'], before: Counters, now: Counters) {
  const seconds = (now.at - before.at) / 1000
  const rate = (key: 'requests' | 'errors' | 'joins' | 'bytes' | 'thread') =>
    (now[key] - before[key]) / seconds
  const shares = servers.map(
    ({ name }, index) =>
      [name, ((now.servers[index] ?? 0) - (before.servers[index] ?? 0)) / seconds] as const,
  )
  return {
    requests: rate('requests'),
    joins: rate('joins'),
    errors: rate('errors'),
    errorKinds: newErrors(before.errorKinds, now.errorKinds),
    mbit: (rate('bytes') * 8) / 1e6,
    serverCpu: total(shares.map(([, share]) => share)),
    generatorCpu: rate('thread'),
    cpu: Object.fromEntries(shares),
  }
}

/**
 * Returns a function that asks the servers for the delays of their event loops, and returns those that
 * arrived since it was last called, ms. A server that is busy responds later.
 */
function pollLoopDelays(servers: Stand['servers']): () => number[] {
  const arrived: number[] = []
  return () => {
    for (const { loopDelayMs } of servers)
      loopDelayMs?.().then(
        (ms) => void arrived.push(ms),
        // An edge that is overloaded refuses the request.
        () => {},
      )
    return arrived.splice(0)
  }
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
  const { servers, origin, emptyBytes } = stand
  const now = counterReader(crowd, stand)
  const first = now()
  const load = machineLoad()
  const stolen = stolenShare()
  const samples: Sample[] = []
  const times = { insiders: { playing: 0, stalled: 0 }, newcomers: { playing: 0, stalled: 0 } }
  const latencies: Measured['latencies'] = { insiders: [], newcomers: [] }
  const counts: OriginCounts = { ...noCounts }
  const lags: number[] = []
  const loopDelays = pollLoopDelays(servers)
  const last = { look: first.at, second: first }

  async function second(states: ReturnType<typeof statesOf>) {
    const taken = await origin.takeCounts()
    const at = now()
    const seconds = (at.at - last.second.at) / 1000
    addCounts(counts, taken)
    lags.push(lag.percentile(99) / 1e6)
    const latenciesMs = addLatencies(crowd, latencies)
    samples.push({
      at: (at.at - startsAt) / 1000,
      ...states,
      ...ratesOf(servers, last.second, at),
      latencyMs: quantile(latenciesMs, 0.5),
      latencyP95Ms: quantile(latenciesMs, 0.95),
      lagMs: lag.max / 1e6,
      serverLagMs: highest([taken.lagMs, ...loopDelays()]),
      originRequests: taken.requests / seconds,
      originMbit: (taken.bytes * 8) / 1e6 / seconds,
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
        emptyBytes: emptyBytes.get(pid) ?? Number.NaN,
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
        stolen: stolen(),
      }
    },
  }
}
