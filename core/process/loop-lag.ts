import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Gauge, type Registry } from 'prom-client'

/** Interval of the samples, ms. A short one would wake an idle process often. */
const intervalMs = 100
const nanosecondsPerSecond = 1e9

type Samples = Pick<
  ReturnType<typeof monitorEventLoopDelay>,
  'count' | 'mean' | 'max' | 'percentile' | 'reset'
>

/**
 * Adds gauges of the lag of the event loop since the last scrape, seconds: mean, maximum and 99th percentile.
 * They have the names of those of prom-client, which contain the interval of the samples too, and take 0.7 ms
 * at each scrape.
 */
export function addLoopLagMetrics(registry: Registry, samples: Samples = startSamples()): void {
  const secondsOf = (nanoseconds: number) =>
    samples.count === 0 ? 0 : Math.max(0, nanoseconds / nanosecondsPerSecond - intervalMs / 1000)
  const add = (figure: string, what: string, aggregator: 'average' | 'max', collect = () => {}) =>
    new Gauge({
      name: `nodejs_eventloop_lag_${figure}_seconds`,
      help: `${what} of the event loop since the last scrape`,
      registers: [registry],
      aggregator,
      collect,
    })
  // A registry collects metrics in the order in which they were added: this one sets all three.
  const mean = add('mean', 'Mean lag', 'average', () => {
    mean.set(secondsOf(samples.mean))
    max.set(secondsOf(samples.max))
    p99.set(secondsOf(samples.percentile(99)))
    samples.reset()
  })
  const max = add('max', 'Maximum lag', 'max')
  const p99 = add('p99', '99th percentile of the lag', 'max')
}

function startSamples(): Samples {
  const samples = monitorEventLoopDelay({ resolution: intervalMs })
  samples.enable()
  return samples
}
