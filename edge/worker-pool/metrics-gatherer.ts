import { aggregateMetrics, type Registry } from '../../core/process/metrics.ts'
import type { ProcessMetrics, ToWorker } from './messages.ts'

/**
 * Maximum time for the response of a worker, ms. The metrics of a slower worker are missing in the result.
 */
const responseMs = 1000

/**
 * Creates the gatherer, which adds up the metrics of all workers and of this process (`own`). `askAll` sends
 * a message to every worker and returns the number of workers.
 */
export function createMetricsGatherer(
  askAll: (message: ToWorker) => number,
  own: Pick<Registry, 'getMetricsAsJSON'>,
) {
  const rounds = new Map<number, (metrics: ProcessMetrics) => void>()
  let lastId = 0

  return {
    /** Resolves with the Prometheus text of this process and of all workers that responded in time. */
    gather(): Promise<string> {
      lastId += 1
      const id = lastId
      const received: ProcessMetrics[] = []
      return new Promise((resolve, reject) => {
        const finish = () => {
          rounds.delete(id)
          clearTimeout(timer)
          own
            .getMetricsAsJSON()
            .then((metrics) => aggregateMetrics([...received, metrics]))
            .then(resolve, reject)
        }
        const timer = setTimeout(finish, responseMs)
        const expected = askAll({ type: 'collect_metrics', id })
        rounds.set(id, (metrics) => {
          if (received.push(metrics) >= expected) finish()
        })
        if (expected === 0) finish()
      })
    },
    /** To be called with the response of a worker. A late one is ignored. */
    receive: (id: number, metrics: ProcessMetrics): void => rounds.get(id)?.(metrics),
  }
}
