import { AggregatorRegistry, collectDefaultMetrics, Gauge, type Histogram, Registry } from 'prom-client'
import { addLoopLagMetrics } from './loop-lag.ts'

export { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Creates an empty registry. All its metrics have the label `role`. */
export function newRegistry(role: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ role })
  return registry
}

/**
 * Creates a registry with the metrics of Node.js (CPU, memory, event-loop lag). Names of our own metrics
 * begin with `nowcast_`.
 */
export function createMetrics(role: string): Registry {
  const registry = newRegistry(role)
  // A short sampling interval would wake an idle process often, only for metrics that are replaced below.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 3_600_000 })
  for (const name of costlyMetrics) registry.removeSingleMetric(name)
  for (const name of replacedMetrics) registry.removeSingleMetric(name)
  addLoopLagMetrics(registry)
  return registry
}

/**
 * Registers a gauge without labels, whose value is read at each scrape. `aggregator`: how the values of
 * several processes are combined.
 */
export function addGauge(
  registry: Registry,
  { name, help, aggregator = 'sum' }: { name: string; help: string; aggregator?: 'sum' | 'min' | 'max' },
  read: () => number,
): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    aggregator,
    collect() {
      this.set(read())
    },
  })
}

/**
 * Default metrics that are removed, because their collection takes longer the more connections there are: 23
 * ms for 15 000.
 */
const costlyMetrics = [
  'process_open_fds',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
]

/** Default metrics that `addLoopLagMetrics` replaces. */
const replacedMetrics = ['', '_min', '_max', '_mean', '_stddev', '_p50', '_p90', '_p99'].map(
  (figure) => `nodejs_eventloop_lag${figure}_seconds`,
)

/**
 * Values of a histogram for one set of labels. `counts` has the count of each bucket alone, not cumulative,
 * and, last, the count of values above the last bound.
 */
export interface HistogramSeries {
  labels: Record<string, string>
  counts: readonly number[]
  sum: number
}

export interface ReadHistogram {
  name: string
  help: string
  /** Upper bounds of the buckets, ascending. */
  bounds: readonly number[]
  /** Returns the present values. Called at each scrape. */
  read(): Iterable<HistogramSeries>
}

/**
 * Registers a histogram whose values the caller counts. A histogram of prom-client costs too much per request
 * and accepts only single values, not counts.
 */
export function registerHistogram(registry: Registry, { name, help, bounds, read }: ReadHistogram): void {
  const linesOf = ({ labels, counts, sum }: HistogramSeries) => {
    let below = 0
    const buckets = counts.map((count, i) => {
      below += count
      return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[i] ?? '+Inf' }, value: below }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: below },
    ]
  }
  const get = async () => ({
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    values: [...read()].flatMap(linesOf),
  })
  // A registry calls only these methods of a metric, so an object with them can pass for a Histogram.
  registry.registerMetric({ name, get, reset() {} } as unknown as Histogram)
}

/**
 * Returns the metrics of several processes as one Prometheus text. Values are summed unless a metric names
 * another aggregator. Each item is what `getMetricsAsJSON` of a registry returned.
 */
export async function aggregateMetrics(processes: object[][]): Promise<string> {
  return await AggregatorRegistry.aggregate(processes).metrics()
}
