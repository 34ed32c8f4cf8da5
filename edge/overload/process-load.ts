import { performance } from 'node:perf_hooks'

/** How busy one process of an edge is, or all its processes together. */
export interface ProcessLoad {
  /**
   * Recurring delay of the event loop, ms: the second highest of the last samples. A single pause does not
   * count.
   */
  delayMs: number
  /**
   * Fraction of the time in which the event loop was not idle, 0 to 1. Unlike CPU time, it includes time in
   * which this process had work but another one had the core.
   */
  busy: number
  /** Rate of bodies sent to viewers and other edges, bits/s. */
  egressBits: number
}

export const noLoad: ProcessLoad = { delayMs: 0, busy: 0, egressBits: 0 }

/** Load that counts as overload; 0 for a value without a limit. */
export type LoadLimits = ProcessLoad

/** Event-loop utilisation above which the edge itself is the cause of delays. */
const minOwnBusy = 0.5

/**
 * Returns each value as a fraction of its limit, or 0 if it has none. Delays of an edge that is not busy are
 * caused by other processes of the machine and count as 0: fewer requests would not reduce them.
 */
export function pressureOf(load: ProcessLoad, limits: LoadLimits): ProcessLoad {
  const share = (name: keyof ProcessLoad) => (limits[name] > 0 ? load[name] / limits[name] : 0)
  return {
    delayMs: load.busy < minOwnBusy ? 0 : share('delayMs'),
    busy: share('busy'),
    egressBits: share('egressBits'),
  }
}

/**
 * Combines the loads of several processes: the highest delay and utilisation, because one process at its
 * limit is enough for its viewers to suffer, and the sum of the traffic.
 */
export function combineLoads(loads: Iterable<ProcessLoad>): ProcessLoad {
  const all = { ...noLoad }
  for (const { delayMs, busy, egressBits } of loads) {
    all.delayMs = Math.max(all.delayMs, delayMs)
    all.busy = Math.max(all.busy, busy)
    all.egressBits += egressBits
  }
  return all
}

/**
 * Number of samples that are combined. Egress comes in bursts, one for each part or segment, so one sample
 * says little.
 */
const windowSamples = 4

/**
 * Combines samples of one process. The delay is the second highest, because a single pause is no overload.
 * The other values are averaged.
 */
export function smoothLoads(samples: readonly ProcessLoad[]): ProcessLoad {
  const mean = (name: keyof ProcessLoad) =>
    samples.reduce((sum, each) => sum + each[name], 0) / samples.length
  const delays = samples.map(({ delayMs }) => delayMs).sort((a, b) => b - a)
  return { delayMs: delays[1] ?? 0, busy: mean('busy'), egressBits: mean('egressBits') }
}

/** Interval of the timer that measures delays, ms. A tick that comes later shows a delay. */
const tickMs = 50

/**
 * Measures the load of this process every `everyMs` and reports it, combined over the last `windowSamples`.
 * `sentBytes` returns the total since the start. The returned function ends the measurement.
 */
export function watchLoad(
  sentBytes: () => number,
  onLoad: (load: ProcessLoad) => void,
  everyMs = 250,
): () => void {
  const measure = (time: number) => ({
    time,
    bytes: sentBytes(),
    utilization: performance.eventLoopUtilization(),
  })
  let last = measure(performance.now())
  let tickedAt = last.time
  let delayMs = 0
  let recent: ProcessLoad[] = []

  function sample(time: number) {
    const current = measure(time)
    const load = {
      delayMs,
      busy: performance.eventLoopUtilization(current.utilization, last.utilization).utilization,
      egressBits: ((current.bytes - last.bytes) * 8000) / (time - last.time),
    }
    last = current
    delayMs = 0
    recent = [load, ...recent].slice(0, windowSamples)
    onLoad(smoothLoads(recent))
  }
  // `monitorEventLoopDelay` is not used, because it misses delays that occur while it is read.
  const timer = setInterval(() => {
    const time = performance.now()
    delayMs = Math.max(delayMs, time - tickedAt - tickMs)
    tickedAt = time
    if (time - last.time >= everyMs) sample(time)
  }, tickMs)
  return () => clearInterval(timer)
}
