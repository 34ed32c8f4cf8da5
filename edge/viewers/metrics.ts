import { Gauge, type Registry } from '../../core/process/metrics.ts'
import type { Viewers } from './viewers.ts'

/** Channels told of; of more only the most watched. */
const mostChannels = 1000

/** Adds how many watch each channel here. */
export function measureViewers(registry: Registry, viewers: Pick<Viewers, 'count'>, now: () => number): void {
  new Gauge({
    name: 'nowcast_edge_viewers',
    help: 'Viewers at this edge, by channel',
    labelNames: ['channel'],
    registers: [registry],
    collect() {
      this.reset()
      const counts = Object.entries(viewers.count(now())).sort(([, one], [, other]) => other - one)
      for (const [channel, count] of counts.slice(0, mostChannels)) this.set({ channel }, count)
    },
  })
}
