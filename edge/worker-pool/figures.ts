import { aggregateMetrics, type Registry } from '../../core/process/metrics.ts'
import type { Figures, ToWorker } from './messages.ts'

/** A worker that does not answer is left out after so long, ms. */
const answerMs = 1000

export type FigureGatherer = ReturnType<typeof createFigureGatherer>

/** Sums up the figures of all workers, and `own` beside; `ask` tells every worker and gives how many there are. */
export function createFigureGatherer(
  ask: (message: ToWorker) => number,
  own: Pick<Registry, 'getMetricsAsJSON'>,
) {
  const rounds = new Map<number, (figures: Figures) => void>()
  let last = 0

  return {
    /** Prometheus text of all who answered in time. */
    gather(): Promise<string> {
      last += 1
      const id = last
      const answers: Figures[] = []
      return new Promise((resolve, reject) => {
        const finish = () => {
          rounds.delete(id)
          clearTimeout(timer)
          own
            .getMetricsAsJSON()
            .then((figures) => aggregateMetrics([...answers, figures]))
            .then(resolve, reject)
        }
        const timer = setTimeout(finish, answerMs)
        const expected = ask({ type: 'collect', id })
        rounds.set(id, (figures) => {
          if (answers.push(figures) >= expected) finish()
        })
        if (expected === 0) finish()
      })
    },
    answer: (id: number, figures: Figures): void => rounds.get(id)?.(figures),
  }
}
