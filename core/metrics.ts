import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client'

export { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** How finely the delay of the event loop is watched, ms: the usual 10 ms wake an idle process a hundred times a second. */
const loopPrecisionMs = 100

/** A registry of one process, with the figures of Node itself (CPU, memory, event-loop delay) in it. Names begin with `nowcast_`. */
export function createMetrics(role: string): Registry {
  const registry = new Registry()
  registry.setDefaultLabels({ role })
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: loopPrecisionMs })
  return registry
}

/** The text of several processes' figures as one: summed, unless a figure says otherwise. Each is the `getMetricsAsJSON` of a registry. */
export async function aggregateFigures(figures: object[][]): Promise<string> {
  return await AggregatorRegistry.aggregate(figures).metrics()
}
