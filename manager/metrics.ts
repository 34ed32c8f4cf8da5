import type { FastifyInstance } from 'fastify'
import type { SessionEvent } from '../core/contracts/session-log.ts'
import { addGauge, Counter, Histogram, type Registry } from '../core/process/metrics.ts'
import type { LiveView } from './sessions/live-view.ts'

/**
 * Registers gauges of the whole instance, not of this process: several managers report the same figures,
 * which must not be added up.
 */
export function measureLive(registry: Registry, live: LiveView): void {
  addGauge(
    registry,
    { name: 'nowcast_sessions_live', help: 'Sessions in the live registry' },
    () => live.snapshot.sessions.size,
  )
  addGauge(registry, { name: 'nowcast_viewers', help: 'Viewers of all channels at all edges' }, () =>
    [...live.snapshot.viewers.values()].reduce((sum, count) => sum + count, 0),
  )
  addGauge(
    registry,
    {
      name: 'nowcast_live_registry_known',
      help: '1 while the live registry can be read, 0 while only the last known state is available',
    },
    () => (live.problem === undefined ? 1 : 0),
  )
}

/**
 * Returns a function for events that this manager has written to the history. Only one of several managers
 * writes an event, so their counts of ended sessions can be added up.
 */
export function countEndedSessions(registry: Registry): (events: readonly SessionEvent[]) => void {
  const ended = new Counter({
    name: 'nowcast_sessions_ended_total',
    help: 'Sessions whose end was written to the history, by reason',
    labelNames: ['reason'],
    registers: [registry],
  })
  return (events) => {
    for (const event of events) if (event.type === 'ended') ended.inc({ reason: event.reason })
  }
}

/** Measures responses by route, not by path: clients choose paths, and each would be a new time series. */
export function measureRequests(app: Pick<FastifyInstance, 'addHook'>, registry: Registry): void {
  const durations = new Histogram({
    name: 'nowcast_http_request_duration_seconds',
    help: 'Time from a request to the end of its response',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.01, 0.05, 0.2, 1, 5],
    registers: [registry],
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000)
    done()
  })
}
