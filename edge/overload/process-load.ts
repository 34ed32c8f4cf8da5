import { performance } from 'node:perf_hooks'

/** How hard a process, or all of an edge, works. */
export interface Load {
  /** How late the event loop is again and again, ms. */
  delayMs: number
  /** Share of the time in which the event loop was not idle, 0..1: unlike CPU time it says the same when neighbours take the core. */
  busy: number
  /** Bodies given to viewers, bits/s. */
  egressBits: number
}

/** What an edge bears; 0: this is not looked at. */
export type LoadLimits = Load

/** From this share of its time on an edge is late by its own doing. */
const busyEnough = 0.5

/**
 * How much of each limit is used: 1 is all of it. An edge that is late though it has little to do suffers from its neighbours on the
 * machine: fewer requests would not help.
 */
export function pressureOf(load: Load, limits: LoadLimits): Load {
  const share = (name: keyof Load) => (limits[name] > 0 ? load[name] / limits[name] : 0)
  return {
    delayMs: load.busy < busyEnough ? 0 : share('delayMs'),
    busy: share('busy'),
    egressBits: share('egressBits'),
  }
}

/** The load of several processes as one: the worst of those on which viewers wait, and the sum of what goes out. */
export function combine(loads: Iterable<Load>): Load {
  const all: Load = { delayMs: 0, busy: 0, egressBits: 0 }
  for (const { delayMs, busy, egressBits } of loads) {
    all.delayMs = Math.max(all.delayMs, delayMs)
    all.busy = Math.max(all.busy, busy)
    all.egressBits += egressBits
  }
  return all
}

/** Samples that make up what is told: what goes out comes in bursts, one for each part or segment. */
const windowSamples = 4

/** Several samples of one process as one: of lateness the second highest, because one pause alone is no overload. */
export function smooth(samples: readonly Load[]): Load {
  const mean = (name: keyof Load) => samples.reduce((sum, each) => sum + each[name], 0) / samples.length
  const delays = samples.map(({ delayMs }) => delayMs).sort((a, b) => b - a)
  return { delayMs: delays[1] ?? 0, busy: mean('busy'), egressBits: mean('egressBits') }
}

/** How finely lateness is watched, ms: a timer each so long. */
const tickMs = 50

/** Measures the load of this process every `everyMs` and tells what it was over the last few times, until the returned function is called; `sentBytes` counts up. */
export function watchLoad(sentBytes: () => number, onLoad: (load: Load) => void, everyMs = 250): () => void {
  let utilization = performance.eventLoopUtilization()
  let bytes = sentBytes()
  let sampledAt = performance.now()
  let tickedAt = sampledAt
  let delayMs = 0
  let recent: Load[] = []
  function sample(time: number) {
    const [bytesNow, utilizationNow] = [sentBytes(), performance.eventLoopUtilization()]
    const load = {
      delayMs,
      busy: performance.eventLoopUtilization(utilizationNow, utilization).utilization,
      egressBits: ((bytesNow - bytes) * 8000) / (time - sampledAt),
    }
    bytes = bytesNow
    utilization = utilizationNow
    sampledAt = time
    delayMs = 0
    recent = [load, ...recent].slice(0, windowSamples)
    onLoad(smooth(recent))
  }
  // monitorEventLoopDelay would do, but forgets what goes on while it is read.
  const timer = setInterval(() => {
    const time = performance.now()
    delayMs = Math.max(delayMs, time - tickedAt - tickMs)
    tickedAt = time
    if (time - sampledAt >= everyMs) sample(time)
  }, tickMs)
  return () => clearInterval(timer)
}
