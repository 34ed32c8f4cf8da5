import { AggregatorRegistry, collectDefaultMetrics, type Histogram, Registry } from 'prom-client'

export { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** How finely the delay of the event loop is watched, ms: the usual 10 ms wake an idle process a hundred times a second. */
const loopPrecisionMs = 100

/** A registry with nothing in it. */
export function newRegistry(role: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ role })
  return registry
}

/** A registry of one process, with the figures of Node itself (CPU, memory, event-loop delay) in it. Names begin with `nowcast_`. */
export function createMetrics(role: string): Registry {
  const registry = newRegistry(role)
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: loopPrecisionMs })
  return registry
}

/** One line of a histogram: counts of each bucket and of what lies beyond the last bound. */
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
  /** Called when somebody asks. */
  read(): Iterable<HistogramSeries>
}

/** Adds a histogram that is counted elsewhere: prom-client's own costs too much for each request, and cannot be filled from outside. */
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
  // Of a metric the registry calls these alone.
  registry.registerMetric({ name, get, reset() {} } as unknown as Histogram)
}

/** The text of several processes' figures as one: summed, unless a figure says otherwise. Each is the `getMetricsAsJSON` of a registry. */
export async function aggregateFigures(figures: object[][]): Promise<string> {
  return await AggregatorRegistry.aggregate(figures).metrics()
}
